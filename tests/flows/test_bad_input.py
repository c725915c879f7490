"""Bad extracts: each gives one clear line and stops, or a list of rejected rows; nothing is lost, nothing is quoted."""

import gzip
import shutil
from pathlib import Path

import polars as pl
import pytest
from extracts import (
    AS_OF,
    EDITION,
    EVENT,
    EXPOSURE,
    PATIENT,
    RESULT,
    as_parquet,
    counts,
    extract,
    reasons,
    take,
)

from flows import sources
from flows.errors import RechallengeError, Refused
from flows.intake import steps as intake
from flows.intake.csv_lines import FIELDS, QUOTES
from flows.intake.steps import Checked
from flows.references import codelists
from flows.references.bound import References
from flows.references.site import Site

SECRET = "p-secret-77"
LATIN = "Müller".encode("latin-1")


def refused(folder: Path) -> str:
    """Take an extract in, and return the one line that refuses it."""
    with pytest.raises(Refused) as caught:
        take(folder)
    assert "\n" not in str(caught.value)
    assert SECRET not in str(caught.value)
    return str(caught.value)


def checked(folder: Path, site: Site | None = None) -> Checked:
    """Check an extract with Great Expectations, as a run does."""
    with sources.receive(folder, folder.parent / "work") as received:
        result = intake.check(received, AS_OF, References(EDITION, site or Site(), codelists.load()))
        assert result.conservation.height == 5
        return result


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere") == "extract: the location is no folder"


@pytest.mark.parametrize("table", ["patients", "lab_results", "drug_exposures"])
def test_a_required_table_that_is_missing(tmp_path: Path, table: str) -> None:
    assert refused(extract(tmp_path / "extract", **{table: None})) == f"extract: the table {table} is missing"


def test_a_required_column_that_is_missing(tmp_path: Path) -> None:
    row = {key: value for key, value in RESULT.items() if key not in ("code", "patient_id")}
    folder = extract(tmp_path / "extract", lab_results=[row])
    assert refused(folder) == "lab_results: the column patient_id, code is missing"
    shutil.rmtree(tmp_path / "extract.work")
    assert refused(as_parquet(folder, tmp_path / "parquet")) == "lab_results: the column patient_id, code is missing"


def test_a_column_that_comes_twice(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract")
    (folder / "patients.csv").write_text("patient_id,observation_start,Sex,sex\np1,2020-01-01,F,M\n", encoding="utf-8")
    assert refused(folder) == "patients: two columns are named sex"


def test_a_table_in_two_forms(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract")
    shutil.copy(folder / "lab_results.csv", folder / "lab_results.csv.gz")
    assert refused(folder) == "extract: lab_results comes in two forms"


def test_a_table_as_a_file_and_a_folder(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract")
    (folder / "lab_results").mkdir()
    assert refused(folder) == "extract: lab_results comes in two forms"


def test_a_folder_without_parts(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract", lab_results=None)
    (folder / "lab_results").mkdir()
    (folder / "lab_results" / "_SUCCESS").touch()
    assert refused(folder) == "extract: the folder lab_results holds no .parquet, .csv or .csv.gz file"


def test_a_folder_that_mixes_forms(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract")
    as_parquet(folder, tmp_path / "parquet")
    parts = folder / "lab_results"
    parts.mkdir()
    shutil.move(folder / "lab_results.csv", parts / "a.csv")
    shutil.move(tmp_path / "parquet" / "lab_results.parquet", parts / "b.parquet")
    assert refused(folder) == "extract: the folder lab_results mixes Parquet and CSV"


@pytest.mark.parametrize("table", ["patients", "lab_results", "drug_exposures"])
def test_a_required_table_without_rows(tmp_path: Path, table: str) -> None:
    folder = extract(tmp_path / "extract")
    header = (folder / f"{table}.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / f"{table}.csv").write_text(f"{header}\n", encoding="utf-8")
    found = checked(folder)
    assert f"{table}: the table has no rows" in found.refusals
    with pytest.raises(Refused, match="rows"):
        intake.stage(found)


def test_a_file_without_a_header(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract")
    (folder / "patients.csv").write_bytes(b"")
    assert refused(folder) == "patients: the file is empty; a table begins with the names of its columns"


def test_latin_1(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract", patients=[PATIENT, {**PATIENT, "patient_id": SECRET, "sex": "name"}])
    content = (folder / "patients.csv").read_bytes()
    (folder / "patients.csv").write_bytes(content.replace(b"name", LATIN))
    line = "patients: not UTF-8 (Latin-1 or Windows-1252?); write the extract as UTF-8"
    assert refused(folder) == line


def test_latin_1_far_down_a_packed_file(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract", patients=None)
    good = "".join(f"p{place},F,2020-01-01\n" for place in range(20_000)).encode()
    bad = SECRET.encode() + b"," + LATIN + b",2020-01-01\n"
    (folder / "patients.csv.gz").write_bytes(gzip.compress(b"patient_id,sex,observation_start\n" + good + bad))
    assert refused(folder).startswith("patients: not UTF-8")


def test_utf_16(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract")
    text = (folder / "patients.csv").read_text(encoding="utf-8")
    (folder / "patients.csv").write_text(text, encoding="utf-16")
    assert refused(folder).startswith("patients: not UTF-8")


def test_a_byte_order_mark(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract")
    content = (folder / "patients.csv").read_bytes()
    (folder / "patients.csv").write_bytes(b"\xef\xbb\xbf" + content)
    assert take(folder).staged.patients["patient_id"].to_list() == ["p1"]


def test_windows_line_ends_and_quoted_line_breaks(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract")
    lines = [
        "patient_id,sex,observation_start,site_id",
        'p1,F,2020-01-01,"north, upper\r\nfloor ""B"""',
        "p2,M,2020-01-01,south",
    ]
    (folder / "patients.csv").write_bytes("\r\n".join([*lines, ""]).encode())
    taken = take(folder)
    assert taken.staged.patients["site_id"].to_list() == ['north, upper\r\nfloor "B"']
    assert counts(taken, "patients") == {"read": 2, "staged": 1, "not_needed": 1}


def test_many_quoted_line_breaks(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract", lab_results=None)
    rows = "".join(f'r{place},p1,2024-02-01,concept,alt,50,U/L,"lab\n{place}"\n' for place in range(40_000))
    header = "result_id,patient_id,collected_at,vocabulary,code,value,unit,laboratory_id\n"
    (folder / "lab_results.csv").write_text(header + rows, encoding="utf-8", newline="")
    assert counts(take(folder)) == {"read": 40_000, "staged": 40_000}


@pytest.mark.parametrize("cut", [20, 400])
def test_a_truncated_parquet_file(tmp_path: Path, cut: int) -> None:
    folder = as_parquet(extract(tmp_path / "extract"), tmp_path / "parquet")
    content = (folder / "lab_results.parquet").read_bytes()
    (folder / "lab_results.parquet").write_bytes(content[:-cut])
    assert refused(folder) == "lab_results: not readable as Parquet (truncated, or another format)"


def test_a_parquet_file_with_a_damaged_page(tmp_path: Path) -> None:
    rows = [{**RESULT, "result_id": f"{SECRET}{place}"} for place in range(3000)]
    folder = as_parquet(extract(tmp_path / "extract", lab_results=rows), tmp_path / "parquet")
    content = bytearray((folder / "lab_results.parquet").read_bytes())
    middle = len(content) // 2
    content[200:middle] = bytes(middle - 200)
    (folder / "lab_results.parquet").write_bytes(content)
    assert refused(folder).endswith("a file is damaged: its rows cannot be read to the end")


def test_a_csv_that_calls_itself_parquet(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract")
    shutil.move(folder / "lab_results.csv", folder / "lab_results.parquet")
    assert refused(folder) == "lab_results: not readable as Parquet (truncated, or another format)"


def test_text_in_parquet_that_is_not_utf_8(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract", patients=None)
    raw = pl.Series("sex", [LATIN, b"F"], dtype=pl.Binary())
    frame = pl.DataFrame({"patient_id": ["p1", SECRET], "observation_start": ["2020-01-01"] * 2}).with_columns(raw)
    frame.write_parquet(folder / "patients.parquet")
    assert "patients: " in refused(folder)


@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_a_truncated_packed_file(tmp_path: Path, keep: float) -> None:
    rows = [{**RESULT, "result_id": f"{SECRET}{place * 7919}"} for place in range(5000)]
    folder = extract(tmp_path / "extract", lab_results=rows)
    content = gzip.compress((folder / "lab_results.csv").read_bytes())
    (folder / "lab_results.csv").unlink()
    (folder / "lab_results.csv.gz").write_bytes(content[: int(len(content) * keep)])
    assert refused(folder) == "lab_results: not readable as CSV (truncated, or damaged)"


def test_a_quote_that_never_closes(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract")
    with (folder / "patients.csv").open("a", encoding="utf-8") as out:
        out.write(f'{SECRET},"F,2020-01-01\np3,F,2020-01-01\n')
    taken = take(folder)
    assert counts(taken, "patients") == {"read": 3, "staged": 1, "rejected": 1, "not_needed": 1}
    [row] = taken.rejects.filter(pl.col("table_name") == "patients").to_dicts()
    assert (row["reason"], row["row"]) == ("malformed_line", f'"{SECRET},\\"F,2020-01-01"')
    assert row["detail"] == f"{QUOTES}: line 3"


def test_lines_of_the_wrong_width_are_rejected_and_counted(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract")
    with (folder / "patients.csv").open("a", encoding="utf-8") as out:
        out.write("p2,F\np3,F,2020-01-01\np4,F,2020-01-01,more,still more\n")
    taken = take(folder)
    assert counts(taken, "patients") == {"read": 4, "staged": 1, "rejected": 2, "not_needed": 1}
    rows = taken.rejects.filter(pl.col("table_name") == "patients")
    assert rows["reason"].to_list() == ["malformed_line"] * 2
    assert rows["row_number"].to_list() == [3, 4]
    assert rows["detail"].to_list() == [f"{FIELDS}: line 3", f"{FIELDS}: line 5"]
    assert rows["row"].to_list() == ['"p2,F"', '"p4,F,2020-01-01,more,still more"']


def test_an_id_that_is_stored_as_a_number_with_decimals(tmp_path: Path) -> None:
    seventh = [{**PATIENT, "patient_id": "7"}]
    others = {"lab_results": [{**RESULT, "patient_id": "7"}], "drug_exposures": [{**EXPOSURE, "patient_id": "7"}]}
    folder = extract(tmp_path / "extract", patients=seventh, clinical_events=None, inpatient_stays=None, **others)
    line = refused(as_parquet(folder, tmp_path / "parquet", {"patient_id": pl.Float64()}))
    assert line == "patients: the column patient_id is stored as DOUBLE; an id or a code is never a number"


def test_leading_zeros_and_long_ids_are_kept(tmp_path: Path) -> None:
    ids = ["007", "7", "0000000000000000000000000000123", "1E5", "338311000001105", "1.0"]
    people = [{**PATIENT, "patient_id": key} for key in ids]
    exposures = [{**EXPOSURE, "exposure_id": f"0{key}", "patient_id": key} for key in ids]
    labs = [{**RESULT, "result_id": f"00{key}", "patient_id": key} for key in ids]
    taken = take(extract(tmp_path / "extract", patients=people, drug_exposures=exposures, lab_results=labs))
    assert taken.staged.patients["patient_id"].to_list() == sorted(ids)
    assert sorted(taken.staged.labs["result_id"]) == sorted(f"00{key}" for key in ids)
    assert sorted(taken.staged.exposures["exposure_id"]) == sorted(f"0{key}" for key in ids)


def test_ids_in_parquet_may_be_whole_numbers(tmp_path: Path) -> None:
    rows = {
        "patients": [{**PATIENT, "patient_id": "7"}],
        "drug_exposures": [{**EXPOSURE, "patient_id": "7"}],
        "lab_results": [{**RESULT, "patient_id": "7", "result_id": "9007199254740993"}],
    }
    folder = extract(tmp_path / "extract", clinical_events=None, inpatient_stays=None, **rows)
    whole = {"patient_id": pl.Int64(), "result_id": pl.Int64()}
    staged = take(as_parquet(folder, tmp_path / "parquet", whole)).staged
    assert staged.labs.select("result_id", "patient_id").row(0) == ("9007199254740993", "7")


def test_one_result_id_with_different_content(tmp_path: Path) -> None:
    rows = [RESULT, {**RESULT, "value": "500"}]
    taken = take(extract(tmp_path / "extract", lab_results=rows))
    assert taken.rejects["reason"].to_list() == ["conflicting_versions"] * 2
    assert taken.staged.labs.is_empty()


def test_two_rows_of_one_patient(tmp_path: Path) -> None:
    taken = take(extract(tmp_path / "extract", patients=[PATIENT, {**PATIENT, "sex": "M"}]))
    assert reasons(taken, "patients") == {"p1": "conflicting_versions"}
    assert reasons(taken) == {"r1": "unknown_patient"}
    assert taken.staged.patients.is_empty()


def test_bad_values_of_many_kinds_are_listed_and_nothing_is_lost(tmp_path: Path) -> None:
    bad = [
        {"value": "4,5"},
        {"collected_at": "0001-01-01"},
        {"collected_at": "2124-02-01"},
        {"patient_id": "stranger"},
        {"unit": "furlong"},
    ]
    labs = [RESULT, *({**RESULT, "result_id": f"b{place}", **change} for place, change in enumerate(bad))]
    exposures = [EXPOSURE, {**EXPOSURE, "exposure_id": "x2", "end_date": "2023-12-01"}]
    taken = take(extract(tmp_path / "extract", lab_results=labs, drug_exposures=exposures))
    assert reasons(taken) == {
        "b0": "not_a_number",
        "b1": "date_before_1900",
        "b3": "unknown_patient",
        "b4": "unknown_unit",
    }
    assert reasons(taken, "drug_exposures") == {"x2": "end_before_start"}
    assert counts(taken) == {"read": 6, "staged": 1, "rejected": 4, "after_as_of": 1}


def test_ten_thousand_rejects(tmp_path: Path) -> None:
    rows = [{**RESULT, "result_id": f"{SECRET}{place}", "value": "see comment"} for place in range(10_000)]
    folder = extract(tmp_path / "extract", lab_results=[RESULT, *rows])
    found = checked(folder)
    share = "10000 of 10001 rows rejected (100.0%), more than the 5.0% that the site allows"
    assert found.refusals == [f"lab_results: {share}: not_a_number 10000"]
    with pytest.raises(Refused) as caught:
        found.require()
    assert SECRET not in str(caught.value)
    taken = take(folder)
    assert taken.rejects.height == 10_000
    assert counts(taken) == {"read": 10_001, "staged": 1, "rejected": 10_000}


@pytest.mark.parametrize(("allowed", "is_refused"), [(0.5, False), (0.49, True), (0.0, True), (1.0, False)])
def test_the_site_says_how_many_rows_may_be_rejected(tmp_path: Path, allowed: float, is_refused: bool) -> None:
    rows = [EVENT, {**EVENT, "event_id": "e2", "patient_id": "stranger"}]
    found = checked(extract(tmp_path / "extract", clinical_events=rows), Site(max_rejected_share=allowed))
    assert bool(found.refusals) == is_refused


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract")
    with sources.receive(folder, tmp_path / "work") as received:
        settled = intake.settle(received, AS_OF, References(EDITION, Site(), codelists.load()))
        with (folder / "patients.csv").open("a", encoding="utf-8") as out:
            out.write("p9,F,2020-01-01\n")
        with pytest.raises(Refused, match=r"^patients: the file changed while it was read"):
            intake.stage(settled)


def test_a_refused_extract_exits_three() -> None:
    assert issubclass(Refused, RechallengeError)
    assert Refused.exit_code == 3
