"""Which files are read, in which forms, and what becomes of lines that are no resource."""

import gzip
import json
from pathlib import Path

import pytest

from flows.errors import Refused, Usage
from flows.given import Given
from flows.sources.fhir import lines
from tests.sources.fhir.bulk import CONDITION, OBSERVATION, PATIENT, REQUEST, Resource, read, read_all, write

BASE = (PATIENT, OBSERVATION, REQUEST)


def text_of(*resources: Resource) -> str:
    return "".join(f"{json.dumps(one)}\n" for one in resources)


def test_files_of_every_form_are_read_wherever_they_lie(tmp_path: Path) -> None:
    folder = tmp_path / "bulk"
    given = write(folder, PATIENT)
    write(folder / "deep" / "er", OBSERVATION, name="Patient.jsonl")  # the name says nothing
    write(folder / "deep", REQUEST, name="x.JSON")
    with gzip.open(folder / "c.ndjson.gz", "wt") as out:
        out.write(text_of(CONDITION))
    (folder / "d.json.gz").write_text(text_of(CONDITION | {"id": "c2"}))  # not gzipped, whatever its name
    (folder / "extract.json").write_text('{"extracted_on": "2024-06-30"}')
    (folder / ".hidden.ndjson").write_text("no")
    (folder / "_log").mkdir()
    (folder / "_log" / "log.ndjson").write_text("no")
    (folder / "notes.txt").write_text("no")
    found = read(given, tmp_path)
    assert set(found.of("clinical_events")) == {"Condition/c1", "Condition/c2"}
    assert found.rows == dict.fromkeys(
        ("all.ndjson", "deep/er/Patient.jsonl", "deep/x.JSON", "c.ndjson.gz", "d.json.gz"), 1
    )
    assert found.rejects == []
    assert found.has == {"patients", "lab_results", "drug_exposures", "clinical_events"}


def test_a_file_may_mix_types_that_its_head_does_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "HEAD_BYTES", 200)
    given = write(tmp_path / "bulk", PATIENT, OBSERVATION, REQUEST, CONDITION, PATIENT | {"id": "p2"}, name="a.ndjson")
    write(tmp_path / "bulk", OBSERVATION | {"id": "o2"}, PATIENT | {"id": "p3"}, name="b.ndjson")
    write(tmp_path / "bulk", PATIENT | {"id": "p4"}, name="c.ndjson")
    found = read(given, tmp_path)
    assert set(found.of("lab_results")) == {"o1", "o2"}
    assert found.went("Patient") == {"carried": 1, "no_dated_resource": 3}
    assert found.rows == {"a.ndjson": 5, "b.ndjson": 2, "c.ndjson": 1}
    assert ("lines", None, "looked_up", None, 8) in found.account


def test_a_line_that_is_no_resource_is_rejected_with_its_place_and_its_text(tmp_path: Path) -> None:
    folder = tmp_path / "bulk"
    folder.mkdir()
    content = (
        text_of(PATIENT).encode()
        + b"\n  \r\nno json\n"
        + text_of(OBSERVATION).encode()
        + b'[1, 2]\n{"id": "x"}\n{"resourceType": null}\n'
        + b'{"resourceType": "Patient", "id": "\xe9"}\n{"resourceType": "Patient",\r\n'
        + text_of(REQUEST).encode().rstrip()
    )
    (folder / "a.ndjson").write_bytes(content)
    (folder / "b.ndjson").write_bytes(b"{\n")
    found = read(Given("fhir", str(folder)), tmp_path)
    assert [
        (one["source_table"], one["row_number"], one["reason"], json.loads(one["row"])["text"]) for one in found.rejects
    ] == [
        ("lines", 1, "unreadable_json", "{"),
        ("lines", 4, "unreadable_json", "no json"),
        ("lines", 6, "unreadable_json", "[1, 2]"),
        ("lines", 7, "not_a_resource", '{"id": "x"}'),
        ("lines", 8, "not_a_resource", '{"resourceType": null}'),
        ("lines", 9, "unreadable_json", '{"resourceType": "Patient", "id": "�"}'),
        ("lines", 10, "unreadable_json", '{"resourceType": "Patient",'),
    ]
    assert json.loads(found.rejects[1]["row"]) == {"file": 1, "of": 2, "line": 4, "text": "no json"}
    assert found.rejects[1]["detail"] == "the line is one JSON object, in UTF-8"  # shown on a terminal: no file name
    assert found.went("lines") == {"unreadable_json": 5, "not_a_resource": 2, "looked_up": 3}
    assert found.rows == {"a.ndjson": 9, "b.ndjson": 1}
    assert set(found.of("drug_exposures")) == {"MedicationRequest/m1"}


def test_a_byte_order_mark_costs_no_line(tmp_path: Path) -> None:
    folder = tmp_path / "bulk"
    given = write(folder, OBSERVATION, REQUEST)
    (folder / "a.ndjson").write_bytes(b"\xef\xbb\xbf" + text_of(PATIENT).encode() + b"oops\n")
    (folder / "b.ndjson").write_bytes(gzip.compress(b"\xef\xbb\xbf" + text_of(CONDITION).encode()))
    found = read(given, tmp_path)
    assert found.went("Patient") == {"carried": 1} and found.went("Condition") == {"carried": 1}
    assert [(one["row_number"], json.loads(one["row"])["file"]) for one in found.rejects] == [(2, 1)]


def test_a_value_of_a_wrong_shape_is_no_read_error(tmp_path: Path) -> None:
    strange = {"subject": "Patient/p1", "valueQuantity": [5], "status": ["final"], "issued": 2024, "code": "1742-6"}
    found = read_all(tmp_path, OBSERVATION | strange)
    row = found.of("lab_results")["o1"]
    assert (row["patient_id"], row["value"], row["code"], row["recorded_at"]) == (None, None, None, "2024")
    assert row["status"] == '["final"]'


def test_types_that_are_not_used_are_counted_and_named(tmp_path: Path) -> None:
    others = [{"resourceType": kind, "id": "x"} for kind in ("Organization", "Device", "Device", "Jane Doe", "Meyer")]
    found = read_all(tmp_path, *others)
    assert found.went("other") == {"not_mapped": 5}
    said = "source other: types of resources that are not used: Device 2, Organization 1, no type of FHIR 2"
    assert said in found.notes


def test_a_folder_without_such_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bulk").mkdir()
    (tmp_path / "bulk" / "x.xml").touch()
    with pytest.raises(Refused, match=r"source fhir: there is no .ndjson, .jsonl, .json file, gzipped or not, below"):
        read(Given("fhir", str(tmp_path / "bulk")), tmp_path)
    with pytest.raises(Usage, match="is no folder"):
        read(Given("fhir", str(tmp_path / "nowhere")), tmp_path)


@pytest.mark.parametrize("cut", [4, 30, 100])
def test_a_truncated_file_is_refused_in_one_line_without_its_name(tmp_path: Path, cut: int) -> None:
    given = write(tmp_path / "bulk", *BASE)
    whole = gzip.compress(text_of(*({**OBSERVATION, "id": f"o{n}"} for n in range(9))).encode())
    (tmp_path / "bulk" / "jane-doe.ndjson.gz").write_bytes(whole[:-cut])
    with pytest.raises(Refused, match=r"^source fhir: file 2 of 2, by name, is truncated or damaged$"):
        read(given, tmp_path)


def test_a_large_file_that_is_truncated_past_its_head_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "HEAD_BYTES", 100)
    given = write(tmp_path / "bulk", *BASE)
    whole = gzip.compress(text_of(*({**OBSERVATION, "id": f"o{n}"} for n in range(999))).encode())
    (tmp_path / "bulk" / "b.ndjson.gz").write_bytes(whole[:-40])
    with pytest.raises(Refused, match="file 2 of 2, by name, is truncated or damaged"):
        read(given, tmp_path)


def test_a_line_beyond_all_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LARGEST_LINE", 1 << 20)
    given = write(tmp_path / "bulk", *BASE, {"resourceType": "Binary", "data": "x" * (40 << 20)})
    with pytest.raises(Refused, match="file 1 of 1, by name, has a line longer than 1 MB"):
        read(given, tmp_path)


def test_a_long_line_is_read(tmp_path: Path) -> None:
    found = read_all(tmp_path, {"resourceType": "Binary", "data": "x" * (20 << 20)}, CONDITION)
    assert found.went("Condition") == {"carried": 1}


def test_an_empty_file_is_a_file_without_rows(tmp_path: Path) -> None:
    given = write(tmp_path / "bulk", *BASE)
    (tmp_path / "bulk" / "empty.ndjson").touch()
    assert read(given, tmp_path).rows == {"all.ndjson": 3, "empty.ndjson": 0}


def test_procedures_alone_are_no_feed_of_diagnoses(tmp_path: Path) -> None:
    procedure = {"resourceType": "Procedure", "id": "x", "status": "completed"}
    found = read_all(tmp_path, procedure)
    assert "clinical_events" not in found.has
    assert found.went("Procedure") == {"looked_up": 1}
    assert "clinical_events" in read_all(tmp_path / "other", procedure, CONDITION).has


def test_an_export_without_orders_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is nothing to make the table drug_exposures of"):
        read_all(tmp_path, PATIENT, OBSERVATION, base=False)


def test_a_file_that_cannot_be_opened_is_refused_without_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = write(tmp_path / "bulk", *BASE, name="Smith.ndjson")
    opened = Path.open

    def denied(path: Path, *args: str, **more: str) -> object:
        if path.name == "Smith.ndjson":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *args, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(Refused) as refused:
        read(given, tmp_path)
    assert str(refused.value) == "source fhir: file 1 of 1, by name, cannot be opened"


LOG = [{"exportId": "e", "eventId": name, "eventDetail": {"resourceType": "Patient"}} for name in ("kickoff", "done")]
MANIFEST = {"transactionTime": "2024-06-30T00:00:00Z", "request": "x", "output": [{"type": "Patient", "url": "u"}]}


def test_what_an_exporter_writes_beside_the_resources_is_no_broken_data(tmp_path: Path) -> None:
    folder = tmp_path / "bulk"
    given = write(folder, *BASE)
    for name in ("log.ndjson", "export.20240630.ndjson"):
        (folder / name).write_text("".join(f"{json.dumps(one)}\n" for one in LOG))
    (folder / "sub").mkdir()
    with gzip.open(folder / "sub" / "Log.ndjson.gz", "wt") as out:
        out.write('{"level": "info", "msg": "done"}\nplain words\n')
    (folder / "manifest.json").write_text(json.dumps(MANIFEST, indent=2))
    for name, resource in (
        ("error", {"resourceType": "OperationOutcome", "issue": []}),
        ("deleted", {"resourceType": "Bundle", "type": "transaction", "entry": []}),
    ):
        (folder / name).mkdir()
        (folder / name / f"{name}.000.ndjson").write_text(f"{json.dumps(resource)}\n" * 2)
    found = read(given, tmp_path)
    assert found.rejects == []
    assert set(found.rows) == {"all.ndjson", "error/error.000.ndjson", "deleted/deleted.000.ndjson"}
    assert {note for note in found.notes if note.startswith("source ")} >= {
        "source lines: 3 log of the exporter left alone: nothing in it is a resource",
        "source lines: 1 manifest of the exporter left alone: nothing in it is a resource",
        "source other: types of resources that are not used: Bundle 2, OperationOutcome 2",
        "source other: what a Bundle holds is not read, and the deletions that it asks for are not applied",
    }


def test_resources_in_a_file_that_is_called_a_log_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "bulk"
    given = write(folder, *BASE, name="log.ndjson")
    write(folder, OBSERVATION | {"id": "o2"}, name="manifest.json")
    (folder / "Log.json").write_text('{"resourceType": "Patient", "id": "cut')  # a broken resource is no log
    found = read(given, tmp_path)
    assert set(found.of("lab_results")) == {"o1", "o2"}
    assert [row["reason"] for row in found.rejects] == ["unreadable_json"]


def test_a_damaged_log_is_no_log(tmp_path: Path) -> None:
    given = write(tmp_path / "bulk", *BASE)
    (tmp_path / "bulk" / "log.ndjson.gz").write_bytes(gzip.compress(b'{"exportId": 1}')[:-9])
    with pytest.raises(Refused):
        read(given, tmp_path)
