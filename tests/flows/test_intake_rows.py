"""What a row must hold to be staged, and what is staged of it: patients, exposures, events, stays, codes, dates."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from extracts import (
    EDITION,
    EXPOSURE,
    PATIENT,
    RESULT,
    counts,
    extract,
    reasons,
    take,
    take_labs,
)

from audit.guideline import overlay
from flows.intake.steps import Intake
from flows.references.site import Site
from tests.flows.rows_taken import named, of_their_own, take_rows, take_tables

REQUIRED = {
    "patients": ["patient_id", "observation_start"],
    "drug_exposures": ["exposure_id", "patient_id", "vocabulary", "code", "start_date"],
    "lab_results": ["result_id", "patient_id", "collected_at", "vocabulary", "code"],
    "clinical_events": ["event_id", "patient_id", "event_date", "vocabulary", "code"],
    "inpatient_stays": ["stay_id", "patient_id", "admitted_on"],
}


ENDS = ("observation_end", "end_date", "discharged_on")


DATES = {
    "patients": ["observation_start", "observation_end"],
    "drug_exposures": ["start_date", "end_date"],
    "lab_results": ["collected_at"],
    "clinical_events": ["event_date"],
    "inpatient_stays": ["admitted_on", "discharged_on"],
}


UNREADABLE = ("03/02/2024", "2024-02-30", "20240201", "2024-2-1", "spring", "2024-01-01 (BC)")
BEYOND = ("12024-01-01", "infinity")  # an end beyond the calendar is one that nobody knows
TOO_OLD = ("0001-01-01", "1899-12-31")


def test_a_required_column_that_is_empty_rejects_the_row(tmp_path: Path) -> None:
    changes = {
        table: [{column: blank} for column in columns for blank in (None, "  ")] for table, columns in REQUIRED.items()
    }
    taken = take_tables(tmp_path, changes)
    for table, columns in REQUIRED.items():
        expected = [f"missing_{column}" for column in columns for _ in range(2)]
        assert taken.rejects.filter(pl.col("table_name") == table)["reason"].to_list() == expected
        assert counts(taken, table)["staged"] == 1


def test_a_date_that_is_none_or_too_old_rejects_the_row(tmp_path: Path) -> None:
    days = {
        table: [
            {column: day} for column in columns for day in (*UNREADABLE, *([] if column in ENDS else BEYOND), *TOO_OLD)
        ]
        for table, columns in DATES.items()
    }
    taken = take_tables(tmp_path, days)
    for table, changes in days.items():
        expected = [
            "date_before_1900" if day in TOO_OLD else "unreadable_date" for one in changes for day in one.values()
        ]
        assert taken.rejects.filter(pl.col("table_name") == table)["reason"].to_list() == expected


def test_a_row_dated_after_the_audit_does_not_exist(tmp_path: Path) -> None:
    ends = {"drug_exposures": {"end_date": None}, "inpatient_stays": {"discharged_on": None}}
    changes = {
        table: [{column: day, **ends.get(table, {})} for day in ("2024-06-30", "2024-07-01", "2124-02-01")]
        for table, [column, *_] in DATES.items()
    }
    taken = take_tables(tmp_path, changes)
    for table in DATES:
        needed = {"staged": 1, "not_needed": 1} if table == "patients" else {"staged": 2}
        assert counts(taken, table) == {"read": 4, "after_as_of": 2, **needed}


def test_a_row_of_1900_is_old_enough(tmp_path: Path) -> None:
    assert take_labs(tmp_path, {"collected_at": "1900-01-01"}).rejects.is_empty()


def test_a_row_of_a_patient_whom_nobody_knows_is_rejected(tmp_path: Path) -> None:
    tables = ("drug_exposures", "lab_results", "clinical_events", "inpatient_stays")
    taken = take_tables(tmp_path, {table: [{"patient_id": "stranger"}] for table in tables})
    for table in tables:
        assert reasons(taken, table) == {f"{table}1": "unknown_patient"}


def test_the_day_of_a_written_time_is_the_day_as_written(tmp_path: Path) -> None:
    written = (
        *("2024-02-01", "2024-02-01 23:59:59", "2024-02-01T23:59", "2024-02-01T00:00:00.000Z"),
        *("2024-02-01T00:30:00+02:00", " 2024-02-01 "),
    )
    cases = [f"[{time}]" for time in written]
    taken = take_labs(tmp_path, *named(cases, [{"collected_at": time} for time in written]))
    days = dict(taken.staged.labs.select("result_id", "date").iter_rows())
    assert days == dict.fromkeys(cases, date(2024, 2, 1))


@pytest.mark.parametrize(("zone", "day"), [("UTC", date(2024, 2, 1)), ("Europe/Berlin", date(2024, 2, 2))])
def test_the_day_of_an_instant_is_the_day_at_the_site(tmp_path: Path, zone: str, day: date) -> None:
    folder = extract(tmp_path / "extract")
    instant = pl.Series("collected_at", [datetime(2024, 2, 1, 23, 30, tzinfo=UTC)])
    frame = pl.read_csv(folder / "lab_results.csv", infer_schema=False).with_columns(instant)
    frame.write_parquet(folder / "lab_results.parquet")
    (folder / "lab_results.csv").unlink()
    assert take(folder, site=Site(time_zone=zone)).staged.labs["date"].to_list() == [day]


def test_a_patient_is_staged_as_received(tmp_path: Path) -> None:
    row = {
        **PATIENT,
        "sex": " f ",
        "birth_year": "1970",
        "site_id": "north",
        "observation_end": "9999-12-31",
        "death_date": "2024-05-01",
    }
    taken = take(extract(tmp_path / "extract", patients=[row]))
    assert taken.staged.patients.row(0) == (
        "p1",
        "F",
        1970,
        "north",
        date(2020, 1, 1),
        date(9999, 12, 31),
        date(2024, 5, 1),
    )


def test_a_patient_row_that_breaks_the_contract_is_rejected(tmp_path: Path) -> None:
    changes = [
        {"sex": "X"},
        {"birth_year": "seventies"},
        {"observation_end": "2019-12-31"},
        {"observation_end": "2020-01-01"},
    ]
    taken = take_rows(tmp_path, "patients", *changes)
    expected = {"patients1": "unknown_sex", "patients2": "not_a_number", "patients3": "end_before_start"}
    assert reasons(taken, "patients") == expected


def deaths_of(taken: Intake) -> dict[str, date | None]:
    """Return the staged deaths by patient, and see that one row of each is staged."""
    assert taken.staged.patients["patient_id"].is_unique().all()
    return dict(taken.staged.patients.select("patient_id", "death_date").iter_rows())


def test_a_death_that_is_no_date_costs_no_patient_and_is_noted(tmp_path: Path) -> None:
    written = ("spring", "2024-02-30", "12/31/2023")
    people = [{"patient_id": said, "death_date": said} for said in written]
    taken = take(extract(tmp_path / "extract", **of_their_own(people)))
    assert taken.rejects.is_empty()
    assert deaths_of(taken) == dict.fromkeys(written)
    noted = sorted(("patients", said, "unreadable_death_date") for said in written)
    assert sorted(taken.row_notes.rows()) == noted


def test_a_death_is_staged_as_told_whenever_it_is(tmp_path: Path) -> None:
    written = ("0001-01-01", "1899-12-31", "1900-01-01", "2019-12-31", "9999-12-31")
    people = [{"patient_id": said, "death_date": said} for said in written]
    taken = take(extract(tmp_path / "extract", **of_their_own(people)))
    assert deaths_of(taken) == {said: date.fromisoformat(said) for said in written}
    assert taken.rejects.is_empty()


DEATHS: dict[str, tuple[list[str | None], str]] = {
    "two": (["2024-03-01", "2024-05-01"], "2024-05-01"),
    "and none": (["2024-05-01", "2024-03-01", None], "2024-05-01"),
    "around the end": (["2024-05-01", "2024-06-30", "2024-07-01"], "2024-06-30"),
    "after the end": (["2024-08-01", "2024-07-01"], "2024-07-01"),
    "unreadable": ([None, "spring", "0001-01-01"], "0001-01-01"),
    "long ago": (["1850-01-01", "1700-01-01"], "1850-01-01"),
}


def test_of_several_deaths_the_latest_up_to_the_end_of_the_feed_counts(tmp_path: Path) -> None:
    people = [{"patient_id": case, "death_date": death} for case, (deaths, _) in DEATHS.items() for death in deaths]
    taken = take(extract(tmp_path / "extract", **of_their_own(people)))
    assert deaths_of(taken) == {case: date.fromisoformat(kept) for case, (_, kept) in DEATHS.items()}
    assert counts(taken, "patients") == {"read": 15, "staged": 6, "superseded": 9}


def test_rows_of_a_patient_that_differ_in_more_than_the_death_conflict(tmp_path: Path) -> None:
    rows = [{**PATIENT, "death_date": "2024-03-01"}, {**PATIENT, "sex": "M", "death_date": None}]
    taken = take(extract(tmp_path / "extract", patients=rows))
    assert taken.rejects.filter(pl.col("table_name") == "patients")["reason"].to_list() == ["conflicting_versions"] * 2


def test_only_patients_who_ever_took_the_audited_drug_are_staged(tmp_path: Path) -> None:
    people = [{**PATIENT, "patient_id": f"p{place}"} for place in range(1, 6)]
    exposures = [
        EXPOSURE,
        {**EXPOSURE, "exposure_id": "x2", "patient_id": "p2", "code": "mercaptopurine"},
        {**EXPOSURE, "exposure_id": "x3", "patient_id": "p3", "end_date": "2023-01-01"},  # rejected
        {**EXPOSURE, "exposure_id": "x4", "patient_id": "p4", "start_date": "2024-07-01", "end_date": None},
    ]
    labs = [{**RESULT, "result_id": f"r{place}", "patient_id": f"p{place}"} for place in range(1, 6)]
    taken = take(extract(tmp_path / "extract", patients=people, drug_exposures=exposures, lab_results=labs))
    assert taken.staged.patients["patient_id"].to_list() == ["p1"]
    assert taken.staged.exposures["exposure_id"].to_list() == ["x1"]
    assert taken.staged.labs["result_id"].to_list() == ["r1"]
    assert counts(taken, "patients") == {"read": 5, "staged": 1, "not_needed": 4}
    assert counts(taken, "lab_results") == {"read": 5, "staged": 1, "not_needed": 4}
    assert counts(taken, "drug_exposures") == {"read": 4, "staged": 1, "rejected": 1, "after_as_of": 1, "not_needed": 1}


def test_another_drug_can_be_the_audited_one(tmp_path: Path) -> None:
    edition = overlay(EDITION, {"audited_drug": "atorvastatin", "other_thiopurines": []})
    exposures = [EXPOSURE, {**EXPOSURE, "exposure_id": "x2", "code": "atorvastatin"}]
    folder = extract(tmp_path / "extract", drug_exposures=exposures)
    assert take(folder, guideline=edition).staged.exposures["concept"].to_list() == ["azathioprine", "atorvastatin"]
    assert take(folder).staged.exposures["concept"].to_list() == ["azathioprine"]


def test_where_nobody_took_the_drug_nothing_is_staged(tmp_path: Path) -> None:
    taken = take(extract(tmp_path / "extract", drug_exposures=[{**EXPOSURE, "code": "allopurinol"}]))
    staged = taken.staged
    frames = (staged.patients, staged.labs, staged.exposures, staged.events, staged.stays)
    assert [frame.height for frame in frames if frame is not None] == [0] * 5
    assert "no patient ever took the audited drug: nothing is audited" in taken.notes


def test_an_exposure_is_staged_as_received(tmp_path: Path) -> None:
    row = {
        **EXPOSURE,
        "vocabulary": "ATC",
        "code": "L04AX01",
        "end_date": None,
        "days_supply": "28",
        "daily_dose_mg": "62.5",
        "frequency": "twice a day",
        "end_type": "Supply",
        "stop_reason": "Hepatotoxicity",
        "route": "PO",
    }
    taken = take(extract(tmp_path / "extract", drug_exposures=[row]))
    assert taken.staged.exposures.row(0) == (
        "x1",
        "p1",
        "azathioprine",
        "ATC L04AX01",
        date(2024, 1, 1),
        None,
        28,
        62.5,
        "twice a day",
        "supply",
        "hepatotoxicity",
        "PO",
        None,
    )


def test_a_supply_that_no_prescription_has_is_unknown_and_the_record_stays(tmp_path: Path) -> None:
    known = {"1": 1, "1.5": 1, "28": 28, "400": 400}
    unknown = ("0.9", "0", "-3", "400.5", "401", "36526", "1e300")
    changes = [{"days_supply": said, "end_date": None} for said in (*known, *unknown)]
    taken = take_rows(tmp_path, "drug_exposures", *changes)
    staged = dict(taken.staged.exposures.select("exposure_id", "days_supply").iter_rows())
    assert taken.rejects.is_empty()
    supplies = [staged[f"drug_exposures{place}"] for place in range(1, len(changes) + 1)]
    assert supplies == [*known.values(), *(None for _ in unknown)]
    noted = taken.row_notes.filter(pl.col("note") == "implausible_supply")
    assert sorted(noted["source_id"]) == sorted(f"drug_exposures{place}" for place in range(5, 12))
    assert (
        "drug_exposures: 7 records have a supply that is not of 1 to 400 days; it counts as unknown, and the records"
        " stay" in taken.notes
    )


def test_an_exposure_that_breaks_the_contract_is_rejected(tmp_path: Path) -> None:
    broken = {
        "end_before_start": [
            {"end_date": "2023-12-31"},
        ],
        "not_a_number": [
            {"daily_dose_mg": "50,5"},
            {"daily_dose_mg": "nan"},
            {"days_supply": "a month"},
        ],
        "unknown_end_type": [{"end_type": "lost"}],
    }
    fine = [
        {"end_date": "2024-01-01"},
        {"end_date": None, "days_supply": "1"},
        {"days_supply": "0"},
        {"days_supply": "36525"},
        {"days_supply": "30.5"},
    ]
    changes = [change for group in broken.values() for change in group]
    taken = take_rows(tmp_path, "drug_exposures", *changes, *fine)
    expected = [reason for reason, group in broken.items() for _ in group]
    assert taken.rejects["reason"].to_list() == expected
    assert counts(taken, "drug_exposures")["staged"] == 1 + len(fine)


DOSES: dict[str | None, tuple[float | None, str | None]] = {
    "5": (5, None),
    "4.99": (None, "below_minimum"),
    "400": (400, None),
    "400.1": (None, "above_maximum"),
    "0": (None, "below_minimum"),
    "-100": (None, "below_minimum"),
    None: (None, None),
}


def test_a_dose_beyond_the_limits_is_unknown_and_the_exposure_stays(tmp_path: Path) -> None:
    exposures = [{**EXPOSURE, "exposure_id": str(dose), "daily_dose_mg": dose} for dose in DOSES]
    taken = take(extract(tmp_path / "extract", drug_exposures=exposures))
    staged = taken.staged.exposures.select("exposure_id", "daily_dose_mg")
    assert dict(staged.iter_rows()) == {str(dose): told for dose, (told, _) in DOSES.items()}
    assert sorted(taken.unknown_doses.rows()) == sorted(
        (str(dose), reason) for dose, (_, reason) in DOSES.items() if reason
    )
    told = [note.partition(" doses of the audited drug ")[0] for note in taken.notes if "doses of the audited" in note]
    assert told == ["drug_exposures: 1", "drug_exposures: 3"]


def test_the_dose_limits_are_the_editions_and_of_the_audited_drug_alone(tmp_path: Path) -> None:
    exposures = [
        {**EXPOSURE, "daily_dose_mg": "450"},
        {**EXPOSURE, "exposure_id": "x2", "code": "allopurinol", "daily_dose_mg": "900"},
    ]
    folder = extract(tmp_path / "extract", drug_exposures=exposures)
    assert take(folder).staged.exposures["daily_dose_mg"].to_list() == [None, 900]
    wider = overlay(EDITION, {"dose_max_mg": 450})
    assert take(folder, guideline=wider).staged.exposures["daily_dose_mg"].to_list() == [450, 900]
