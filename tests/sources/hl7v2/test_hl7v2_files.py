"""Message files: every framing is read, and what cannot be read is a reject with its file, place and reason."""

import gzip
import json
from pathlib import Path

import pytest

from flows.sources.hl7v2 import REASONS, notes
from tests.sources import look
from tests.sources.hl7v2 import made
from tests.sources.hl7v2.file_rows import ONE, TWO, rejected, values


@pytest.mark.parametrize(
    "content",
    [
        ONE + TWO,
        ONE.replace("\r", "\n") + TWO.replace("\r", "\n"),
        ONE.replace("\r", "\r\n") + TWO.replace("\r", "\r\n"),
        ONE + TWO.replace("\r", "\r\n"),
        ONE + TWO[:-1],
        "\ufeff" + ONE + "\ufeff" + TWO,
        "\r\n\r\n" + ONE.replace("\r", "\r\n\r\n") + "  \n" + TWO + "\n \t\n",
        f"\x0b{ONE}\x1c\r\x0b{TWO}\x1c\r",
        f"\x0b{ONE[:-1]}\x1c\r\n\x0b{TWO[:-1]}\x1c",
        f"\x0b{ONE}{TWO}\x1c\r",
        f"{ONE}\x0b{TWO}\x1c\r",
        f"\x0b{ONE}\x1c{TWO}",
        f"FHS|^~\\&|LAB\rBHS|^~\\&|LAB\r{ONE}{TWO}BTS|2\rFTS|1\r",
        f"\x0bFHS|^~\\&\rBHS|^~\\&\r{ONE}BTS|1\rBHS|^~\\&\r{TWO}BTS|1|a comment\rFTS|2\x1c\r",
        f"BHS|^~\\&\r{ONE}BTS\rBHS|^~\\&\r{TWO}BTS|\rFTS||no count\r",
        f"{ONE}{TWO}BTS|2\r",
        ONE.replace("\r", "\r\t ") + "\r  " + TWO,
    ],
)
def test_every_framing_and_line_ending_is_read(tmp_path: Path, content: str) -> None:
    rows, tally = made.kept(tmp_path, content)
    assert values(rows) == ["50", "60"]
    assert (len(rows["messages"]), rows["rejects"], notes(tally)) == (2, [], [])


def test_files_of_every_suffix_and_depth_are_read_and_others_are_counted(tmp_path: Path) -> None:
    given = made.folder(tmp_path)
    names = ["a.hl7", "b.ORU", "c/d.msg", "c/e/f.TXT", "_g.dat", "h.er7"]
    for place, name in enumerate(names):
        path = given.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ONE.replace("F1", f"F{place}"))
        (given.path / f"{place}.hl7.GZ").write_bytes(gzip.compress(TWO.replace("F2", f"G{place}").encode()))
    for name in ("notes.doc", "c/no_suffix", ".hidden.hl7", "c/.git/x.hl7", "extract.json"):
        (given.path / name).parent.mkdir(exist_ok=True)
        (given.path / name).write_text(ONE)
    with look.at(given, tmp_path) as held:
        assert len(look.rows(held, "lab_results")) == 12
        files = [(file["table"], file["file"], file["of"], file["rows"]) for file in held.files()]
        assert files == [
            *(("messages", place, 12, 1) for place in range(1, 13)),
            ("patients", 1, 1, 1),
            ("drug_exposures", 1, 1, 1),
        ]
        assert "messages: 2 files are of no table and no message file by their names; left alone" in held.notes


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    with look.at(made.folder(tmp_path, b=TWO, a=ONE), tmp_path) as held:
        positions = held.warehouse.rows("SELECT file, control_id, position FROM source.messages ORDER BY row_number")
        assert positions == [("a.hl7", "m1", "0"), ("b.hl7", "m2", "0")]


def test_a_reject_tells_the_place_of_its_file_its_message_and_its_byte(tmp_path: Path) -> None:
    bad = made.message(head=made.MSH.replace("m1", "bad")).replace("PID|", "PIX|")
    given = made.folder(tmp_path, a=ONE, b="\n" + TWO + bad)
    with look.at(given, tmp_path) as held:
        [row] = look.rejects(held)
        assert (row["reason"], row["detail"]) == ("no_patient", "a PID stands before the results")
        assert (row["source_table"], row["row_number"], row["source_id"]) == ("messages", 3, "bad")
        place = {"file": 2, "of": 2, "message": 2, "byte": len(TWO) + 1}
        assert json.loads(row["row"]) == place | {"text": bad[:-1]}
        assert made.outcomes(held, "messages") == [("looked_up", None, 2), ("rejected", "no_patient", 1)]


@pytest.mark.parametrize(
    ("reason", "content"),
    [
        ("no_patient", made.message(made.OBX, pid="PV1|1")),
        ("no_patient", "\r".join([made.MSH, made.OBR, made.PID, made.OBX, ""])),
        ("no_patient", "\r".join([made.MSH, made.OBX, made.PID, ""])),
        ("no_patient", made.MSH + "\r"),
        ("bad_delimiters", made.message(head=made.MSH.replace("^~\\&", "^^\\&"))),
        ("bad_delimiters", made.message(head=made.MSH.replace("^~\\&", "|~\\&"))),
        ("bad_delimiters", made.message(head=made.MSH.replace("^~\\&", "^~\\A"))),
        ("bad_delimiters", made.message(head=made.MSH.replace("^~\\&", "^~ &"))),
        ("bad_delimiters", made.message(head=made.MSH.replace("^~\\&", '^"\\&'))),
        ("bad_delimiters", made.message(head=made.MSH.replace("^~\\&", "^~\\&#!"))),
        ("bad_delimiters", made.message(head=made.MSH.replace("^~\\&", ""))),
        ("bad_delimiters", "MSH|^~\\&\r"),
        ("bad_delimiters", "MSH|\r"),
        ("bad_delimiters", "MSH\r"),
        ("no_message_type", made.message(head=made.MSH.replace("ORU^R01^ORU_R01", ""))),
        ("no_message_type", "MSH|^~\\&|LAB\r"),
        ("bad_encoding", made.message().replace("Doe", "D\xf6").encode("latin-1")),
        ("bad_encoding", made.message(head=f"{made.MSH}||||||ASCII").replace("Doe", "D\xf6").encode("latin-1")),
        ("bad_encoding", made.message(head=f"{made.MSH}||||||KLINGON").replace("Doe", "D\xf6").encode("latin-1")),
        ("fragmented", made.message(made.OBX, "DSC|1")),
        ("fragmented", made.message("ADD|50", made.OBX)),
        ("truncated", "\x0b" + made.message()),
        ("truncated", "\x0b" + made.message() + "\x0b" + made.message(pid="PV1") + "\x1c"),
    ],
)
def test_a_message_that_cannot_be_read_is_rejected(tmp_path: Path, reason: str, content: str | bytes) -> None:
    data = content.encode() if isinstance(content, str) else content
    found, _, byte = rejected(tmp_path, data)[0]
    assert (found, byte) == (reason, str(len(ONE) + data.index(b"MSH")))
    assert reason in REASONS


def test_text_outside_of_messages_is_one_reject_a_block(tmp_path: Path) -> None:
    content = f"Dear colleague,\r\nhere is our feed.\x0b\r\n{ONE}BTS|1\rOBX|1|NM|1742-6^ALT^LN||70\rBTS|0\rend"
    with made.received(tmp_path, content) as held:
        rejects = look.rejects(held)
        assert [row["reason"] for row in rejects] == ["no_header"] * 3
        assert [json.loads(row["row"])["text"] for row in rejects] == [
            "Dear colleague,\rhere is our feed.",
            "OBX|1|NM|1742-6^ALT^LN||70",
            "end",
        ]
        assert made.outcomes(held, "messages") == [("looked_up", None, 1), ("rejected", "no_header", 3)]


@pytest.mark.parametrize(
    ("last", "is_read"),
    [
        ("OBX|2|NM|1742-6^ALT^LN||5", False),
        ("OBX|2|NM|1742-6^ALT^LN||500|U/L|7-56|N|||", False),
        ("OBX|2|NM|1742-6^ALT^LN||500|U/L|7-56|N|||F", True),
        ("OBX|2|NM|1742-6^ALT^LN||5\r", True),
        ("OBX|2|NM|1742-6^ALT^LN||5\r  ", True),
        ("OBX|2|NM|1742-6^ALT^LN||5\rNTE|1", True),
        ("OBX|2|NM|1742-6^ALT^LN||5\x1c", True),
        ("OBX|2|NM|1742-6^ALT^LN||5\x0b", False),
    ],
)
def test_a_file_that_ends_inside_of_a_result_is_not_believed(tmp_path: Path, last: str, is_read: bool) -> None:
    rows, _ = made.kept(tmp_path, made.message(made.OBX) + last)
    assert bool(rows["observations"]) is is_read
    assert [row["reason"] for row in rows["rejects"]] == ([] if is_read else ["truncated"])


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (f"BHS|^~\\&\r{ONE}{TWO}BTS|3\r", "1 trailers of batches or files count 3, and 2 were read"),
        (f"BHS|^~\\&\r{ONE}BTS|1\r{TWO}BTS|9\r", "1 trailers of batches or files count 9, and 2 were read"),
        (f"FHS|^~\\&\rBHS|^~\\&\r{ONE}{TWO}BTS|2\rFTS|2\r", "1 trailers of batches or files count 2, and 1 were read"),
        (f"BHS*^~\\&\r{ONE}BTS*4*\r{TWO}BTS*9\r", "2 trailers of batches or files count 13, and 3 were read"),
        (f"BHS|^~\\&\r{ONE}BHS|^~\\&\r{TWO}", "2 batches have no trailer"),
    ],
)
def test_a_batch_that_does_not_hold_what_it_says_is_noted(tmp_path: Path, content: str, note: str) -> None:
    rows, tally = made.kept(tmp_path, content)
    assert len(rows["observations"]) == 2
    assert notes(tally) == [f"messages: {note}: messages may be lost"]


def test_a_batch_ends_with_its_file(tmp_path: Path) -> None:
    given = made.folder(tmp_path, a=f"BHS|^~\\&\r{ONE}", b=f"{TWO}BTS|1\r")
    with look.at(given, tmp_path) as held:
        assert [note for note in held.notes if note.startswith("messages")] == [
            "messages: 1 batches have no trailer: messages may be lost"
        ]


def test_a_line_that_is_no_segment_is_of_the_one_before_it(tmp_path: Path) -> None:
    text = made.obx(f2="TX", f3="11502-2^Report^LN", f5="first line\n  OBSERVED on the ward\n70 U/L|x")
    with made.received(tmp_path, made.message(text, made.OBX, end="\n")) as held:
        rows = look.rows(held, "lab_results")
        assert [row["value"] for row in rows] == ["first line\n  OBSERVED on the ward\n70 U/L", "50"]
        assert "messages: 2 lines are no segments; each was added to the one before it" in held.notes


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("", "utf-8"),
        ("ASCII", "utf-8"),
        ("UNICODE UTF-8", "utf-8"),
        ("8859/1", "latin-1"),
        ("8859/1~UNICODE UTF-8", "latin-1"),
        ("ISO-8859-1", "latin-1"),
        ("iso8859/15", "iso8859-15"),
        ("WINDOWS-1252", "cp1252"),
        ("GB 18030-2000", "gb18030"),
    ],
)
def test_a_message_is_of_the_character_set_that_it_names(tmp_path: Path, name: str, codec: str) -> None:
    head = made.MSH.replace("LABOR", "K\xf6ln") + f"||||||{name}"
    rows, _ = made.kept(tmp_path, made.message(made.obx(f2="ST", f5="h\xe4molytisch"), head=head).encode(codec))
    [row] = rows["observations"]
    assert (row["value"], row["facility"]) == ("h\xe4molytisch", "K\xf6ln")


def test_a_header_of_another_character_set_is_a_reject_too(tmp_path: Path) -> None:
    content = made.message(head=made.MSH.replace("LABOR", "K\xf6ln").replace("m1", "m\xe4")).encode("latin-1")
    assert rejected(tmp_path, content) == [("bad_encoding", "m\ufffd", str(len(ONE)))]


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (made.MSH.replace("ORU^R01^ORU_R01", "ADT^A40"), "not_oru"),
        (made.MSH.replace("ORU^R01^ORU_R01", "ORM^O01"), "not_oru"),
        (made.MSH.replace("ORU^R01^ORU_R01", "ACK"), "not_oru"),
        (made.MSH.replace("|P|", "|D|"), "not_production"),
        (made.MSH.replace("|P|", "|T|"), "not_production"),
        (made.MSH.replace("|P|", "|N^A|"), "not_production"),
        (made.MSH.replace("|P|", "|P^T|"), None),
        (made.MSH.replace("|P|", "|p|"), None),
        (made.MSH.replace("|P|", "||"), None),
        (made.MSH.replace("ORU^R01^ORU_R01", "ORU"), None),
        (made.MSH.replace("ORU^R01^ORU_R01", "ORU^R32"), None),
        (made.MSH.replace("ORU^R01^ORU_R01", "oru^r01"), None),
        (made.MSH.replace("ORU^R01^ORU_R01", "ORU_R01"), None),
    ],
)
def test_results_in_production_are_carried_over_and_other_messages_left_out(
    tmp_path: Path, head: str, reason: str | None
) -> None:
    rows, _ = made.kept(tmp_path, made.message(head=head))
    assert [row["left_out"] for row in rows["messages"]] == [reason]
    assert len(rows["observations"]) == (0 if reason else 1)


def test_a_result_message_without_results_is_left_out(tmp_path: Path) -> None:
    with made.received(tmp_path, made.message("NTE|1||to follow")) as held:
        assert made.outcomes(held, "messages") == [("left_out", "no_observation", 1)]


def test_a_message_that_is_no_result_need_not_be_readable(tmp_path: Path) -> None:
    content = (
        made.message(head=made.MSH.replace("ORU^R01^ORU_R01", "ADT^A01")).replace("Doe", "D\xf6").encode("latin-1")
    )
    rows, _ = made.kept(tmp_path, content)
    assert ([row["left_out"] for row in rows["messages"]], rows["rejects"]) == (["not_oru"], [])
