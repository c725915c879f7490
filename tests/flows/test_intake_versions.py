"""Versions of one id: which one counts, what becomes of the others, and what was known on a past date."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from extracts import EVENT, EXPOSURE, PATIENT, RESULT, STAY, Rows, as_parquet, counts, extract, reasons, take

from flows.intake.steps import Intake


def versions(tmp_path: Path, *changes: dict[str, str | None], as_of: date | None = date(2024, 6, 30)) -> Intake:
    """Take in versions of the result r1."""
    return take(extract(tmp_path / "extract", lab_results=[{**RESULT, **change} for change in changes]), as_of)


def value(taken: Intake) -> list[float]:
    """Return the values of the staged results."""
    return taken.staged.labs["value"].to_list()


def test_the_version_recorded_last_counts(tmp_path: Path) -> None:
    taken = versions(
        tmp_path,
        {"value": "70", "recorded_at": "2024-02-03 09:00:00", "status": "corrected"},
        {"value": "50", "recorded_at": "2024-02-02 10:00:00"},
        {"value": "60", "recorded_at": "2024-02-02 11:00:00"},
    )
    assert value(taken) == [70]
    assert counts(taken) == {"read": 3, "staged": 1, "superseded": 2}


def test_a_version_without_a_time_is_the_earliest(tmp_path: Path) -> None:
    taken = versions(tmp_path, {"value": "70", "recorded_at": None}, {"value": "50"})
    assert value(taken) == [50]
    assert counts(taken) == {"read": 2, "staged": 1, "superseded": 1}


def test_instants_are_compared_and_not_what_the_clock_showed(tmp_path: Path) -> None:
    taken = versions(
        tmp_path,
        {"value": "50", "recorded_at": "2024-02-02T10:30:00+02:00"},  # 08:30 UTC
        {"value": "70", "recorded_at": "2024-02-02T10:00:00+01:00"},  # 09:00 UTC, the later
    )
    assert value(taken) == [70]


def test_exact_copies_count_once(tmp_path: Path) -> None:
    taken = versions(tmp_path, {}, {}, {})
    assert value(taken) == [50]
    assert counts(taken) == {"read": 3, "staged": 1, "duplicate": 2}


def test_copies_of_a_superseded_version_are_copies(tmp_path: Path) -> None:
    taken = versions(tmp_path, {}, {}, {"value": "70", "recorded_at": "2024-02-03"})
    assert value(taken) == [70]
    assert counts(taken) == {"read": 3, "staged": 1, "superseded": 1, "duplicate": 1}


def test_rows_that_differ_in_an_unused_column_are_no_copies(tmp_path: Path) -> None:
    taken = versions(tmp_path, {"laboratory_id": "a"}, {"laboratory_id": "b"})
    assert counts(taken) == {"read": 2, "rejected": 2}


def test_two_versions_of_one_time_reject_each_other(tmp_path: Path) -> None:
    taken = versions(tmp_path, {"value": "50"}, {"value": "70"}, {"value": "60", "recorded_at": "2024-01-01"})
    assert taken.staged.labs.is_empty()
    assert taken.rejects["reason"].to_list() == ["conflicting_versions"] * 2
    assert taken.rejects["row_number"].to_list() == [1, 2]
    assert counts(taken) == {"read": 3, "rejected": 2, "superseded": 1}


def test_two_versions_without_a_time_reject_each_other(tmp_path: Path) -> None:
    taken = versions(tmp_path, {"value": "50", "recorded_at": None}, {"value": "70", "recorded_at": None})
    assert counts(taken) == {"read": 2, "rejected": 2}


def test_older_versions_of_one_time_do_not_matter_once_a_later_one_decides(tmp_path: Path) -> None:
    taken = versions(tmp_path, {"value": "50"}, {"value": "60"}, {"value": "70", "recorded_at": "2024-02-03"})
    assert value(taken) == [70]
    assert counts(taken) == {"read": 3, "staged": 1, "superseded": 2}


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "Cancelled"])
def test_a_result_that_its_latest_version_takes_back_does_not_exist(tmp_path: Path, status: str) -> None:
    taken = versions(tmp_path, {}, {"status": status, "recorded_at": "2024-02-03"})
    assert taken.staged.labs.is_empty()
    assert counts(taken) == {"read": 2, "retracted": 1, "superseded": 1}


def test_a_retracted_row_is_asked_nothing_else(tmp_path: Path) -> None:
    taken = versions(tmp_path, {"status": "cancelled", "value": "haemolysed", "unit": "furlong"})
    assert counts(taken) == {"read": 1, "retracted": 1}


def test_a_result_that_comes_back_after_a_retraction_counts(tmp_path: Path) -> None:
    taken = versions(tmp_path, {"status": "cancelled"}, {"status": "final", "recorded_at": "2024-02-03"})
    assert value(taken) == [50]
    assert counts(taken) == {"read": 2, "staged": 1, "superseded": 1}


def test_where_the_latest_version_is_rejected_the_older_does_not_come_back(tmp_path: Path) -> None:
    taken = versions(tmp_path, {}, {"value": "haemolysed", "recorded_at": "2024-02-03"})
    assert taken.staged.labs.is_empty()
    assert taken.rejects["reason"].to_list() == ["not_a_number"]
    assert counts(taken) == {"read": 2, "rejected": 1, "superseded": 1}


@pytest.mark.parametrize("recorded_at", ["yesterday", "2024-02-30", "03/02/2024"])
def test_a_time_that_cannot_be_read_is_rejected_and_still_the_latest(tmp_path: Path, recorded_at: str) -> None:
    taken = versions(tmp_path, {}, {"value": "70", "recorded_at": recorded_at})
    assert taken.staged.labs.is_empty()
    assert taken.rejects["reason"].to_list() == ["unreadable_recorded_at"]
    assert counts(taken) == {"read": 2, "rejected": 1, "superseded": 1}


def test_a_retraction_whose_time_cannot_be_read_is_rejected(tmp_path: Path) -> None:
    taken = versions(tmp_path, {"status": "cancelled", "recorded_at": "yesterday"})
    assert reasons(taken) == {"r1": "unreadable_recorded_at"}


@pytest.mark.parametrize(
    ("as_of", "expected", "became"),
    [
        (date(2024, 2, 2), [50], {"read": 2, "staged": 1, "after_as_of": 1}),
        (date(2024, 2, 3), [70], {"read": 2, "staged": 1, "superseded": 1}),
        (date(2024, 2, 1), [], {"read": 2, "after_as_of": 2}),
        (None, [70], {"read": 2, "staged": 1, "superseded": 1}),
    ],
)
def test_an_audit_sees_what_was_known_on_its_date(
    tmp_path: Path, as_of: date | None, expected: list[float], became: dict[str, int]
) -> None:
    changes = {"value": "70", "recorded_at": "2024-02-03 00:00:01"}
    rows = [RESULT, {**RESULT, **changes}]
    exposures = [{**EXPOSURE, "start_date": "2024-01-01", "recorded_at": None}]
    taken = take(extract(tmp_path / "extract", lab_results=rows, drug_exposures=exposures), as_of)
    assert value(taken) == expected
    assert counts(taken) == became


def test_a_copy_that_is_recorded_later_than_the_audit_is_no_copy(tmp_path: Path) -> None:
    taken = versions(tmp_path, {"recorded_at": "2024-07-01"}, {"recorded_at": "2024-07-01"})
    assert counts(taken) == {"read": 2, "after_as_of": 2}


@pytest.mark.parametrize(
    ("table", "row", "change"),
    [
        ("drug_exposures", EXPOSURE, {"daily_dose_mg": "150"}),
        ("clinical_events", EVENT, {"event_date": "2024-02-20"}),
    ],
)
def test_exposures_and_events_are_versioned_likewise(
    tmp_path: Path, table: str, row: dict[str, str], change: dict[str, str]
) -> None:
    later = {**row, **change, "recorded_at": "2024-03-01"}
    unknown_yet = {**row, "recorded_at": "2024-07-01"}
    taken = take(extract(tmp_path / "later", **{table: [row, later, later, unknown_yet]}))
    assert counts(taken, table) == {"read": 4, "staged": 1, "superseded": 1, "duplicate": 1, "after_as_of": 1}
    rows: Rows = [{**row, "patient_id": "p1"}, {**row, **change}]
    clash = take(extract(tmp_path / "clash", **{table: rows}))
    assert set(reasons(clash, table).values()) == {"conflicting_versions"}
    assert counts(clash, table) == {"read": 2, "rejected": 2}


def test_a_patient_told_twice_differently_is_rejected_and_so_are_the_patients_rows(tmp_path: Path) -> None:
    rows = [PATIENT, {**PATIENT, "observation_start": "2021-01-01"}]
    taken = take(extract(tmp_path / "extract", patients=rows))
    assert counts(taken, "patients") == {"read": 2, "rejected": 2}
    assert taken.rejects.filter(pl.col("table_name") == "patients")["reason"].to_list() == ["conflicting_versions"] * 2
    for table in ("drug_exposures", "lab_results", "clinical_events", "inpatient_stays"):
        assert set(reasons(taken, table).values()) == {"unknown_patient"}


def test_a_patient_told_twice_alike_counts_once(tmp_path: Path) -> None:
    taken = take(extract(tmp_path / "extract", patients=[PATIENT, PATIENT]))
    assert counts(taken, "patients") == {"read": 2, "staged": 1, "duplicate": 1}


def test_stays_have_no_time_of_recording(tmp_path: Path) -> None:
    rows = [STAY, STAY, {**STAY, "stay_id": "s2"}, {**STAY, "stay_id": "s2", "discharged_on": None}]
    taken = take(extract(tmp_path / "extract", inpatient_stays=rows))
    assert counts(taken, "inpatient_stays") == {"read": 4, "staged": 1, "duplicate": 1, "rejected": 2}


def test_rows_without_an_id_are_no_versions_of_each_other(tmp_path: Path) -> None:
    taken = versions(tmp_path, {"result_id": None}, {"result_id": " "})
    assert taken.rejects["reason"].to_list() == ["missing_result_id"] * 2


def test_versions_in_parquet_are_the_same_versions(tmp_path: Path) -> None:
    rows = [
        RESULT,
        {**RESULT, "value": "70", "recorded_at": "2024-02-02 10:00:01"},
        {**RESULT, "value": "70", "recorded_at": "2024-02-02 10:00:01"},
        {**RESULT, "result_id": "r2", "recorded_at": None},
        {**RESULT, "result_id": "r2", "status": "cancelled"},
    ]
    folder = extract(tmp_path / "extract", lab_results=rows)
    typed = {"recorded_at": pl.Datetime("us"), "collected_at": pl.Date(), "value": pl.Float64()}
    taken = take(as_parquet(folder, tmp_path / "parquet", typed))
    assert value(taken) == [70]
    assert counts(taken) == {"read": 5, "staged": 1, "superseded": 2, "duplicate": 1, "retracted": 1}
