"""A path means itself: no pattern, no Hive key, no address is read out of it, for what comes in and what goes out."""

import re
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest
from extracts import EXPOSURE, PATIENT, RESULT, as_parquet, counts, extract, reasons, take

from audit.frames import FINDINGS
from flows.errors import Usage
from flows.intake.steps import Intake
from flows.intake.tables import VIRTUAL
from flows.release import publish as release
from flows.release.publish import Contents
from flows.warehouse.files import Files, can_hold_a_database
from tests import released

ROOT = Path(__file__).parents[2]
ODD = (
    "ex[12]", "ex*", "ex?", "**", "[!a]", "x[", "{a,b}", "q'q", 'd"q', "semi;x", "$HOME", "~", "back\\slash",
    "new\nline", "bl ank", "-lead", "ünï", "\udcff", "status=cancelled", "unit=U%2FL", "patient_id=x", "code=", "s3:",
)  # fmt: skip
READERS = re.compile(
    r"read_parquet|read_csv|read_json|read_ndjson|parquet_scan|parquet_\w*metadata|scan_(parquet|csv|ndjson)|\bATTACH '"
    r"|\bCOPY \(|\bTO \{|\bglob\('|read_text\('|read_blob"
)


def decoys(folder: Path) -> None:
    """Put neighbours beside a folder that its name would match as a pattern, with a patient too many."""
    for name in ("ex1", "ex2", "a", "b"):
        other = folder.parent / name
        if not other.exists():
            extract(other, patients=[PATIENT, {**PATIENT, "patient_id": "stranger"}])


def same(taken: Intake) -> None:
    assert counts(taken, "patients") == {"read": 1, "staged": 1}
    assert counts(taken, "lab_results") == {"read": 1, "staged": 1}
    assert counts(taken, "drug_exposures") == {"read": 1, "staged": 1}
    assert taken.rejects.is_empty()


@pytest.mark.parametrize("name", ODD)
def test_an_extract_below_an_odd_folder_is_that_extract(tmp_path: Path, name: str) -> None:
    folder = extract(tmp_path / name / "in")
    decoys(tmp_path / name)
    same(take(folder))
    same(take(as_parquet(folder, tmp_path / "parquet").rename(tmp_path / name / "parquet")))


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("name", ["a?", "a*", "a[1]", "{a1,b}", "o'o", 'q"q', "~", "-a", "$A", "a\\1", "verdict=pass"])
def test_a_part_of_an_odd_name_is_read_once(tmp_path: Path, name: str, form: str) -> None:
    folder = extract(tmp_path / "extract", lab_results=None)
    parts = folder / "lab_results"
    parts.mkdir()
    for place, part in enumerate((name, "a1")):
        frame = pl.DataFrame([{**RESULT, "result_id": f"r{place}"}])
        with (parts / f"{part}.{form}").open("wb") as out:
            (frame.write_csv if form == "csv" else frame.write_parquet)(out)
    assert counts(take(folder)) == {"read": 2, "staged": 2}


@pytest.mark.parametrize("name", [*(name for name in ODD if name != "\udcff"), "verdict=pass"])
def test_a_release_holds_what_was_judged_wherever_it_is_written(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    tables = released.frames("-- findings\nepisode_id | patient_id | rule_id | verdict\ne1 | p1 | STP-01 | violation\n")
    contents = Contents(tables, {"as_of": "2024-01-01"}, {}, dict)
    with Files() as files:
        release.write_tables(folder, contents)
        made = files.aside(folder / "audit.duckdb")
        with duckdb.connect(str(made)) as connection:
            connection.execute(f"CREATE TABLE found AS FROM {files.parquet([folder / 'findings.parquet'])}")
            found = connection.execute("SELECT episode_id, patient_id, rule_id, verdict FROM found").fetchall()
            assert found == [("e1", "p1", "STP-01", "violation")]
            assert [name for name, *_ in connection.execute("DESCRIBE found").fetchall()] == FINDINGS.names


def test_no_link_stays_behind(tmp_path: Path) -> None:
    odd = tmp_path / "a[1].csv"
    odd.write_text("x\n")
    with Files() as files:
        link = Path(files.spelled(odd))
        assert link != odd
        assert link.resolve() == odd
        assert link.parent.stat().st_mode & 0o077 == 0
        assert files.spelled(tmp_path / "plain.csv") == str(tmp_path / "plain.csv")
    assert not link.parent.exists()


def test_a_database_whose_log_could_not_be_found_is_a_wrong_call(tmp_path: Path) -> None:
    for name in ("a?b", "a\\b"):
        assert not can_hold_a_database(tmp_path / name / "cdm.duckdb")
        with pytest.raises(Usage, match="cannot be opened below a path"):
            Files().attach(tmp_path / name / "cdm.duckdb", "attached")
    assert can_hold_a_database(tmp_path / "a[b]" / "cdm.duckdb")


def test_no_other_place_names_a_reader() -> None:
    found = []
    for path in [*(ROOT / "flows").rglob("*.py"), *(ROOT / "sql").rglob("*.sql")]:
        for line in path.read_text(encoding="utf-8").splitlines():
            is_held = "glob=False" in line or line.lstrip().startswith("#")
            if path.name != "files.py" and READERS.search(line) and not is_held:
                found.append(f"{path.relative_to(ROOT)}: {line.strip()}")
    assert found == []


@pytest.mark.parametrize(
    "name", sorted([*VIRTUAL, "File_Row_Number", "rowid", "row_number", "empty", "c0", "_row_id", ""])
)
def test_a_column_named_as_one_of_duckdb_shadows_nothing(tmp_path: Path, name: str) -> None:
    rows = [{**RESULT, "result_id": f"r{place}", "value": value} for place, value in enumerate(["50", "x", "51"])]
    folder = extract(tmp_path / "extract", lab_results=None)
    parts = folder / "lab_results"
    parts.mkdir()
    for place, part in enumerate((rows[:1], rows[1:])):
        frame = pl.DataFrame(part).with_columns(pl.lit(700 + place).alias(name))
        frame.write_parquet(parts / f"{place}.parquet")
        frame.write_csv(tmp_path / f"{place}.csv")
    taken = take(folder)
    assert taken.rejects.select("row_number", "source_id").rows() == [(2, "r1")]
    assert counts(taken) == {"read": 3, "staged": 2, "rejected": 1}
    shutil.rmtree(parts)
    parts.mkdir()
    for place in range(2):
        (tmp_path / f"{place}.csv").rename(parts / f"{place}.csv")
    shutil.rmtree(tmp_path / "extract.work")
    assert take(folder).rejects.select("row_number", "source_id").rows() == [(2, "r1")]


def test_columns_of_one_name_in_two_cases_are_refused_in_parquet_too(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract", drug_exposures=None)
    frame = pl.DataFrame([EXPOSURE]).with_columns(pl.lit("p2").alias("Patient_ID"))
    frame.write_parquet(folder / "drug_exposures.parquet")
    with pytest.raises(Exception, match=r"^drug_exposures: two columns are named patient_id$"):
        take(folder)


BLANKS = ("\t", "\r", "\n", " ", "\u00a0", "\u2007", "\u202f", "\ufeff", "\u200b")


@pytest.mark.parametrize("blanks", [[one for one in BLANKS if one != "\r"], ["\r"]], ids=["unquoted", "all quoted"])
def test_blanks_round_an_id_are_none_of_it(tmp_path: Path, blanks: list[str]) -> None:
    """Each kind of blank with a patient of its own."""
    people = {f"p {blank!a}": blank for blank in blanks}
    labs = [
        {**RESULT, "result_id": f"{person} {place}{blank}", "patient_id": one}
        for person, blank in people.items()
        for place, one in enumerate((f"{blank}{person}", f"{person}{blank}", f"{blank}{person}{blank}"))
    ]
    drugs = [{**EXPOSURE, "exposure_id": person, "patient_id": f"{person}{blank}"} for person, blank in people.items()]
    patients = [{**PATIENT, "patient_id": one} for one in ("p1", *people)]
    taken = take(extract(tmp_path / "extract", patients=patients, lab_results=labs, drug_exposures=drugs))
    assert reasons(taken) == {}
    found = taken.staged.labs.select("result_id", "patient_id").rows()
    assert sorted(found) == sorted((f"{person} {place}", person) for person in people for place in range(3))
    assert taken.staged.patients["patient_id"].to_list() == sorted(people)


def test_a_blank_within_an_id_is_part_of_it(tmp_path: Path) -> None:
    taken = take(extract(tmp_path / "extract", lab_results=[{**RESULT, "result_id": "r\u00a01"}]))
    assert taken.staged.labs["result_id"].to_list() == ["r\u00a01"]
