"""Message files: every framing is read, and what cannot be read is a reject with its file, place and reason."""

import gzip
import io
import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from flows.errors import Refused, Usage
from flows.given import Given
from flows.intake.csv_lines import LONGEST, SHOWN
from flows.shipped import SQL
from flows.sources import source
from flows.sources.hl7v2 import REASONS, cut, message, notes, store
from flows.sources.hl7v2.cut import LONGEST_FIELD
from tests.flows.extracts import EXPOSURE, PATIENT, write_csv
from tests.sources import look
from tests.sources.hl7v2 import made

ONE = made.message()
TWO = made.message(made.obx(f5="60"), head=made.MSH.replace("m1", "m2"), obr=made.OBR.replace("F1", "F2"))


def values(rows: dict[str, list[dict[str, str]]]) -> list[str]:
    return [row["value"] for row in rows["observations"]]


def rejected(tmp_path: Path, *messages: str | bytes) -> list[tuple[str, str, str]]:
    """Return reason, control id and byte of each reject behind one good message."""
    rows, _ = made.kept(tmp_path, ONE, *messages)
    assert values(rows) == ["50"]
    return [(row["reason"], row["source_id"], row["byte"]) for row in rows["rejects"]]


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


def document(size: int, kind: str = "ED") -> str:
    """Return an OBX that holds a document of this size, whatever else stands in its value."""
    return made.obx(f2=kind, f3="PDF^Report^L", f5="^^PDF^Base64^".ljust(size, "J"))


@pytest.mark.parametrize("size", [LONGEST_FIELD, LONGEST_FIELD + 1, 3 * cut.CHUNK, 70 << 20])
def test_a_result_beside_a_document_of_any_size_is_read(tmp_path: Path, size: int) -> None:
    rows, _ = made.kept(tmp_path, made.message(document(size), made.OBX, f"NTE|1||{'n' * size}"), TWO)
    assert values(rows)[1:] == ["50", "60"]
    assert rows["rejects"] == []
    held, is_cut = rows["observations"][0], size > LONGEST_FIELD
    assert (held["value"][SHOWN:][:10] == " ... (cut)", len(held["value"]) == size) == (is_cut, not is_cut)
    assert len(held["value"]) <= SHOWN + len(cut.CUT) + LONGEST_FIELD
    assert (held["result_status"], held["code"]) == ("F", "PDF")


def test_a_number_behind_a_long_field_is_none(tmp_path: Path) -> None:
    padded = made.obx(f5="50" + " " * LONGEST_FIELD + "0")
    assert made.lab(tmp_path, padded)["value"] == "50" + " " * (SHOWN - 2) + " ... (cut)"


@pytest.mark.parametrize(
    "content",
    [
        made.message(pid=made.PID.replace("p1", "p1^^^A^XX~" * 9_000 + "p2")),
        made.message(obr=made.OBR.replace("F1", "F" * (LONGEST_FIELD + 1))),
        made.message(head=made.MSH + "|" * 6 + "8" * (LONGEST_FIELD + 1)),
        made.message(made.obx(f3="c" * (LONGEST_FIELD + 1))),
    ],
    ids=["PID-3", "OBR-3", "MSH-18", "OBX-3"],
)
def test_a_field_that_says_whose_or_when_is_whole_or_the_message_is_rejected(tmp_path: Path, content: str) -> None:
    assert rejected(tmp_path, content) == [("unreadable_message", "m1", str(len(ONE)))]


@pytest.mark.parametrize("head", [made.MSH, "no header", "MSH"])
@pytest.mark.parametrize(
    ("text", "times"),
    [
        (document(64 << 20), 1),
        ("|" * (64 << 20), 1),
        (document(60_000), 500),
        (f"NTE|{'n' * 999}", 9_000),
        ("n" * 999, 9_000),
    ],
    ids=["document", "fields", "documents", "notes", "stray lines"],
)
def test_a_message_of_any_size_is_cut_in_little_memory(text: str, times: int, head: str) -> None:
    stream = io.BytesIO(made.message(*[text] * times, head=head).encode())
    tracemalloc.start()
    [raw] = cut.Cutter().messages(stream)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert raw.size == len(stream.getvalue())
    assert raw.held < 2 * LONGEST + cut.CHUNK
    assert peak < 20 << 20


def test_a_message_beyond_the_longest_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "LONGEST", 2_000)
    start = len(made.message("")) - 1
    for more, is_read in ((2_000 - start, True), (2_001 - start, False)):
        [raw] = cut.Cutter().messages(io.BytesIO(made.message(f"{made.OBX}|".ljust(more - 1, "x")).encode()))
        assert (raw.held, raw.is_whole) == (2_000 + (not is_read), is_read)
        assert message.read(raw).rejected == (None if is_read else "unreadable_message")
    many = made.message(*["NTE|1||short"] * 400)
    assert rejected(tmp_path, many) == [("unreadable_message", "m1", str(len(ONE)))]
    [raw] = cut.Cutter().messages(io.BytesIO(f"{many}no segment\r{made.PID}".encode()))
    assert (raw.held < 2_100, raw.is_whole, raw.size > 5_000) == (True, False, True)


def test_a_line_without_end_is_cut_and_stays_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "CHUNK", 64)
    stream = io.BytesIO(b"MSH|^~\\&|" + b"MSH|" * 100 + b"\rPID|1\r" + TWO.encode())
    found = list(cut.pieces(stream, longest=100))
    assert b"".join(text + end for _, text, end in found) == stream.getvalue()
    assert all(len(text) <= 200 for _, text, _ in found)
    assert [position for position, _, _ in found] == [
        sum(len(text + end) for _, text, end in found[:place]) for place in range(len(found))
    ]


def test_what_the_parser_raises_is_a_reject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parse = message.hl7.parse

    def fail(text: str) -> object:
        if "m2" in text:
            raise AssertionError("the parser's own")
        return parse(text)

    monkeypatch.setattr(message.hl7, "parse", fail)
    assert [reason for reason, _, _ in rejected(tmp_path, TWO)] == ["unreadable_message"]


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-12], lambda data: b"no gzip", lambda data: data[:20] + b"\xff" * 40]
)
def test_a_damaged_archive_is_refused_without_its_name(tmp_path: Path, damage) -> None:
    given = made.folder(tmp_path, a=ONE)
    (given.path / "z Jane Doe.hl7.gz").write_bytes(damage(gzip.compress((ONE * 500).encode())))
    with pytest.raises(Refused) as refused, look.at(given, tmp_path):
        pass
    assert str(refused.value) == "messages: file 2 of 2, in the order of their names, cannot be read to its end"


def test_rows_are_kept_a_batch_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BATCH_ROWS", 3)
    numbers = [str(number) for number in range(1, 20)]
    rows, _ = made.kept(tmp_path, *(made.message(made.obx(f4=number, f5=number)) for number in numbers))
    assert values(rows) == numbers


def test_only_a_folder_is_read(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="is no folder"):
        source(Given("hl7v2", str(tmp_path / "nowhere")))


def test_without_a_table_of_exposures_nothing_is_parsed(tmp_path: Path) -> None:
    given = made.folder(tmp_path, a=ONE)
    (given.path / "drug_exposures.csv").unlink()
    with pytest.raises(Refused, match="the table drug_exposures is missing"), look.at(given, tmp_path):
        pass


def test_without_messages_the_results_must_be_a_table(tmp_path: Path) -> None:
    given = made.folder(tmp_path)
    with pytest.raises(Refused, match="nothing to make the table lab_results of"), look.at(given, tmp_path):
        pass


def test_the_other_tables_are_as_in_a_native_extract(tmp_path: Path) -> None:
    given = made.folder(tmp_path, a=ONE)
    result = {
        "result_id": "r1",
        "patient_id": "p1",
        "collected_at": "2024-02-03",
        "vocabulary": "concept",
        "code": "ast",
    }
    write_csv(given.path / "LAB_RESULTS.csv", [{**result, "value": "3.3"}])
    write_csv(
        given.path / "clinical_events.csv",
        [{"event_id": "e1", "patient_id": "p1", "event_date": "2024-02-03", "vocabulary": "concept", "code": "ibd"}],
    )
    with look.at(given, tmp_path) as held:
        assert held.has == {"patients", "drug_exposures", "lab_results", "clinical_events"}
        assert [(row["result_id"][:2], row["value"]) for row in look.rows(held, "lab_results")] == [
            ("p1", "50"),
            ("r1", "3.3"),
        ]
        [exposure] = look.rows(held, "drug_exposures")
        assert {name: exposure[name] for name in EXPOSURE} == EXPOSURE
        assert [row["event_id"] for row in look.rows(held, "clinical_events")] == ["e1"]
        [patient] = look.rows(held, "patients")
        assert {name: patient[name] for name in PATIENT} == PATIENT
        assert made.outcomes(held, "pid") == []
        assert not [note for note in held.notes if "kept out" in note]
        assert sum("inpatient_stays is missing" in note for note in held.notes) == 1


def test_of_a_lookup_no_row_comes_out_twice(tmp_path: Path) -> None:
    given = made.folder(tmp_path, a=ONE + TWO)
    own = tmp_path / "own"
    own.mkdir()
    ours = (SQL / "sources" / "hl7v2" / "lab_results.sql").read_text(encoding="utf-8")
    (own / "lab_results.sql").write_text(ours.replace("WHERE left_out IS NOT NULL", "CROSS JOIN range(3)"))
    with (
        pytest.raises(Refused, match="of messages 2 rows were read and 6 came out"),
        look.at(replace(given, mapping=own), tmp_path),
    ):
        pass
