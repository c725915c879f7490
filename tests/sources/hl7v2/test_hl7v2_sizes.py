"""HL7 v2: messages of any size, damaged files, and the tables beside them."""

import gzip
import io
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from flows.errors import Refused, Usage
from flows.given import Given
from flows.intake.csv_lines import LONGEST, SHOWN
from flows.shipped import SQL
from flows.sources import source
from flows.sources.hl7v2 import cut, message, store
from flows.sources.hl7v2.cut import LONGEST_FIELD
from tests.flows.extracts import EXPOSURE, PATIENT, write_csv
from tests.sources import look
from tests.sources.hl7v2 import made
from tests.sources.hl7v2.file_rows import ONE, TWO, rejected, values


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
