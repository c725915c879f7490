"""The whole intake: rows are conserved, Great Expectations counts what the split moves, two routes give one result."""

import hashlib
import subprocess
import sys
from datetime import date
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
    STAY,
    as_parquet,
    counts,
    extract,
    take,
    take_labs,
)

from audit.frames import REJECTS
from audit.guideline import overlay
from expectations import TABLES
from flows import sources
from flows.errors import Broken, Usage
from flows.intake import dates
from flows.intake import settle as checks
from flows.intake import steps as intake
from flows.intake.steps import Intake
from flows.references import codelists, site
from flows.references.bound import References
from flows.references.site import Site
from tests.flows.extracts import references

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
SHARED = ROOT.parent / "shared" / "data" / "mimic-iv-demo-native"
STAGED = ("patients", "labs", "exposures", "events", "stays")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Intake:
    work = tmp_path_factory.mktemp("work")
    as_of = dates.resolve_as_of(SAMPLE)
    return sources.take_in(SAMPLE, work, as_of, references())


def nasty(folder: Path) -> Path:
    """Write an extract with a row for each way that a row can go."""
    labs = [
        RESULT,
        RESULT,
        {**RESULT, "value": "60", "recorded_at": "2024-02-05"},
        {**RESULT, "result_id": "r2", "status": "cancelled"},
        {**RESULT, "result_id": "r3", "recorded_at": "2024-12-01"},
        {**RESULT, "result_id": "r4", "collected_at": "2024-12-01"},
        {**RESULT, "result_id": "r5", "code": "1742-6"},
        {**RESULT, "result_id": "r6", "patient_id": "p2"},
        {**RESULT, "result_id": "r7", "patient_id": "stranger", "unit": "furlong", "value": "x"},
        {**RESULT, "result_id": "r8", "unit": "furlong"},
        {**RESULT, "result_id": None, "unit": "furlong"},
    ]
    patients = [PATIENT, {**PATIENT, "patient_id": "p2"}, {**PATIENT, "patient_id": "p3", "sex": "?"}]
    exposures = [EXPOSURE, {**EXPOSURE, "exposure_id": "x2", "end_date": "2023-01-01"}]
    events = [EVENT, {**EVENT, "event_id": "e2", "code": "hiccups"}]
    stays = [STAY, {**STAY, "stay_id": "s2", "patient_id": "p3"}]
    tables = {"drug_exposures": exposures, "clinical_events": events, "inpatient_stays": stays}
    return extract(folder, patients=patients, lab_results=labs, **tables)


def test_each_row_goes_one_way(tmp_path: Path) -> None:
    taken = take(nasty(tmp_path / "extract"))
    assert counts(taken) == {
        "read": 11,
        "staged": 1,
        "duplicate": 1,
        "superseded": 1,
        "retracted": 1,
        "after_as_of": 2,
        "not_needed": 2,
        "rejected": 3,
    }
    assert counts(taken, "inpatient_stays") == {"read": 2, "staged": 1, "rejected": 1}
    assert counts(taken, "clinical_events") == {"read": 2, "staged": 1, "not_needed": 1}


def test_a_lost_row_stops_the_run(tmp_path: Path) -> None:
    folder = nasty(tmp_path / "extract")
    with sources.receive(folder, tmp_path / "work") as received:
        settled = intake.settle(received, AS_OF, References(EDITION, Site(), codelists.load()))
        received.warehouse.run("DELETE FROM resolved.lab_results WHERE result_id = 'r5'")
        with pytest.raises(Broken, match=r"the rows do not add up \(lab_results 11 read and 10 settled\)"):
            intake.stage(settled)


def test_a_row_staged_twice_stops_the_run(tmp_path: Path) -> None:
    folder = nasty(tmp_path / "extract")
    with sources.receive(folder, tmp_path / "work") as received:
        settled = intake.settle(received, AS_OF, References(EDITION, Site(), codelists.load()))
        assert settled.conservation.height == len(TABLES)
        received.warehouse.run("INSERT INTO resolved.lab_results FROM resolved.lab_results WHERE result_id = 'r1'")
        with pytest.raises(Broken, match=r"\(lab_results 1 counted as staged and 2 handed over\)"):
            intake.stage(settled)


def test_great_expectations_counts_the_rows_that_the_split_moves(tmp_path: Path) -> None:
    folder, work = nasty(tmp_path / "extract"), tmp_path / "work"
    with sources.receive(folder, work) as received:
        found = intake.check(received, AS_OF, References(EDITION, Site(max_rejected_share=0.2), codelists.load()))
        told = {
            (row["table_name"], row["reason"]): row["rows_failed"]
            for row in found.expectations.filter(~pl.col("passed")).to_dicts()
        }
        assert told == {
            ("patients", "unknown_sex"): 1,
            ("patients", "too_many_rejects"): 1,
            ("drug_exposures", "end_before_start"): 1,
            ("drug_exposures", "too_many_rejects"): 1,
            ("lab_results", "missing_result_id"): 1,
            ("lab_results", "unknown_patient"): 1,
            ("lab_results", "not_a_number"): 1,
            ("lab_results", "unknown_unit"): 3,
            ("lab_results", "too_many_rejects"): 1,
            ("inpatient_stays", "unknown_patient"): 1,
            ("inpatient_stays", "too_many_rejects"): 1,
        }
        assert [line.split(":")[0] for line in found.refusals] == [
            "patients",
            "drug_exposures",
            "lab_results",
            "inpatient_stays",
        ]
        assert found.refusals[2] == (
            "lab_results: 3 of 11 rows rejected (27.3%), more than the 20.0% that the site allows: "
            "missing_result_id 1, unknown_patient 1, unknown_unit 1"
        )


def test_every_check_is_asked(sample: Intake) -> None:
    asked = sample.expectations.select("table_name", "precedence", "reason", "action").rows()
    declared = [
        (table.name, precedence, check.reason, check.action)
        for table in TABLES
        for precedence, check in enumerate((*table.rejections, *table.stops), start=1)
    ]
    assert asked == declared
    assert sample.expectations["rows_failed"].null_count() == 0


def test_great_expectations_and_the_rejects_agree_on_the_sample(sample: Intake) -> None:
    rejected = sample.rejects.group_by("table_name", "reason").len().rename({"len": "rejected"})
    asked = (
        sample.expectations.filter(pl.col("action") == "reject")
        .group_by("table_name", "reason")
        .agg(pl.sum("rows_failed"))
    )
    both = rejected.join(asked, on=["table_name", "reason"], how="left")
    assert both.height == rejected.height > 5
    assert both.filter(pl.col("rows_failed").fill_null(0) < pl.col("rejected")).is_empty()
    assert sample.rejects.schema == REJECTS.schema
    assert sample.rejects.select(pl.struct(REJECTS.keys).is_unique().all()).item()
    assert sample.rejects.equals(sample.rejects.sort(REJECTS.keys))


def test_the_sample_gives_the_same_frames_from_parquet_in_parts(sample: Intake, tmp_path: Path) -> None:
    folder = as_parquet(SAMPLE, tmp_path / "parquet")
    parts = folder / "lab_results"
    parts.mkdir()
    labs = pl.read_parquet(folder / "lab_results.parquet")
    (folder / "lab_results.parquet").unlink()
    for place, part in enumerate(labs.iter_slices(10_000)):
        part.write_parquet(parts / f"part-{place}.parquet", row_group_size=3000)
    taken = take(folder, dates.resolve_as_of(SAMPLE))
    for name in STAGED:
        assert getattr(taken.staged, name).equals(getattr(sample.staged, name))
    assert taken.rejects.equals(sample.rejects)
    assert taken.conservation.equals(sample.conservation)
    assert taken.unlisted.equals(sample.unlisted)
    assert taken.row_notes.equals(sample.row_notes)


def test_csv_in_parts_may_differ_in_their_columns(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract", patients=None)
    parts = folder / "patients"
    parts.mkdir()
    (parts / "1.csv").write_text("sex,patient_id,observation_start\nF,p1,2020-01-01\n", encoding="utf-8")
    (parts / "2.csv").write_text("patient_id,observation_start\np2,2020-01-01\np3,spring\n", encoding="utf-8")
    taken = take(folder)
    assert counts(taken, "patients") == {"read": 3, "staged": 1, "rejected": 1, "not_needed": 1}
    assert taken.rejects.select("row_number", "source_id").row(0) == (3, "p3")
    assert [file["rows"] for file in taken.files if file["table"] == "patients"] == [1, 2]


def test_the_files_are_told_with_their_hash(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract")
    (folder / "read me.txt").write_text("hello", encoding="utf-8")
    taken = take(folder)
    content = (folder / "patients.csv").read_bytes()
    place = {"table": "patients", "file": 1, "of": 1}
    expected = place | {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "rows": 1}
    assert expected in taken.files
    assert len(taken.files) == len(TABLES)
    assert "extract: 1 file of no table was left alone" in taken.notes


def test_no_copy_of_the_extract_stays_behind(tmp_path: Path) -> None:
    folder, work = extract(tmp_path / "extract"), tmp_path / "work"
    with sources.receive(folder, work):
        assert sorted(path.name for path in work.rglob("*.parquet"))[0] == "clinical_events.0.parquet"
    assert list(work.rglob("*.parquet")) == []


def test_two_intakes_of_one_extract_are_equal(sample: Intake, tmp_path: Path) -> None:
    again = take(SAMPLE, dates.resolve_as_of(SAMPLE))
    for name in STAGED:
        assert getattr(again.staged, name).equals(getattr(sample.staged, name))
    assert again.rejects.equals(sample.rejects)
    assert again.codelist_hash == sample.codelist_hash
    assert again.files == sample.files
    assert again.notes == sample.notes


@pytest.mark.parametrize(
    ("option", "described", "expected"),
    [
        (None, '{"extracted_on": "2024-06-30"}', date(2024, 6, 30)),
        ("2024-01-01", '{"extracted_on": "2024-06-30"}', date(2024, 1, 1)),
        (date(2024, 1, 1), None, date(2024, 1, 1)),
    ],
)
def test_the_as_of_date_is_the_option_or_what_the_extract_says(
    tmp_path: Path, option: date | str | None, described: str | None, expected: date
) -> None:
    if described:
        (tmp_path / "extract.json").write_text(described, encoding="utf-8")
    assert dates.resolve_as_of(tmp_path, option) == expected


@pytest.mark.parametrize("described", [None, "{}", "[]", "{", '{"extracted_on": "spring"}', '{"extracted_on": null}'])
def test_without_an_as_of_date_nothing_runs(tmp_path: Path, described: str | None) -> None:
    if described:
        (tmp_path / "extract.json").write_text(described, encoding="utf-8")
    with pytest.raises(Usage) as caught:
        dates.resolve_as_of(tmp_path)
    assert caught.value.exit_code == 2


def test_an_option_that_is_no_date_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="as-of date"):
        dates.resolve_as_of(tmp_path, "30.06.2024")


def test_a_site_limit_of_an_unknown_analyte_or_unit_is_refused(tmp_path: Path) -> None:
    days = (date(2020, 1, 1), date(2030, 1, 1))
    for limit in (site.Limit("gpt", 40, None, None, *days), site.Limit("alt", 40, "mg/dL", None, *days)):
        with pytest.raises(Usage, match=f"uln of {limit.analyte}"):
            take_labs(tmp_path / limit.analyte, {}, site=Site(uln=(limit,)))


def test_no_line_is_left_on_standard_error(tmp_path: Path) -> None:
    """A connection that outlives its warehouse makes DuckDB's bindings complain when the interpreter ends."""
    good, bad = (
        extract(tmp_path / "good"),
        extract(tmp_path / "bad", lab_results=[RESULT, {**RESULT, "result_id": None}]),
    )
    for folder, expected in ((good, "1\n"), (bad, "refused\n")):
        program = (
            "from datetime import date\nfrom pathlib import Path\nfrom flows.references import refer\n"
            "from flows.errors import Refused\nfrom flows.sources import take_in\n"
            "try:\n"
            f"    by = refer('dr-oracle-2025', None, ())\n"
            f"    taken = take_in(Path({str(folder)!r}), Path({str(tmp_path / 'work')!r}), date(2024, 6, 30), by)\n"
            "    print(taken.staged.labs.height)\n"
            "except Refused:\n    print('refused')\n"
        )
        done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr, done.returncode) == (expected, "", 0)


@pytest.mark.skipif(
    not SHARED.exists(), reason="the MIMIC-IV demo extract lies beside the project only where it is developed"
)
def test_a_real_hospitals_extract_passes(tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "local.csv").write_text("concept,vocabulary,code\nfurosemide,local,furosemide\n", encoding="utf-8")
    edition = overlay(EDITION, {"audited_drug": "furosemide", "other_thiopurines": []})
    taken = sources.take_in(SHARED, tmp_path / "work", dates.resolve_as_of(SHARED), references(edition, lists=[lists]))
    assert taken.conservation.select("table_name", "read").rows() == [
        ("patients", 100),
        ("drug_exposures", 14391),
        ("lab_results", 14739),
        ("clinical_events", 4506),
        ("inpatient_stays", 275),
    ]
    told = dict(taken.rejects.group_by("reason").len().iter_rows())
    assert told == {"end_before_start": 156, "missing_value": 29}
    assert taken.staged.labs["comparator"].drop_nulls().unique().to_list() == ["<"]
    assert set(taken.staged.exposures["concept"]) == {"furosemide"}


def test_what_becomes_of_a_row_is_declared() -> None:
    assert [
        *("staged", "rejected", "duplicate", "superseded", "retracted", "after_as_of", "not_needed"),
    ] == checks.DISPOSITIONS
