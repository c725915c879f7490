"""What a row must hold to be staged, and what is staged of it: patients, exposures, events, stays, codes, dates."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

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
    Rows,
    as_parquet,
    counts,
    extract,
    reasons,
    take,
    take_labs,
)

from audit.frames import EVENTS, EXPOSURES, LABS, PATIENTS, STAYS
from audit.guideline import overlay
from flows.intake.steps import Intake
from flows.references.site import Site

GOOD = {
    "patients": PATIENT,
    "drug_exposures": EXPOSURE,
    "lab_results": RESULT,
    "clinical_events": EVENT,
    "inpatient_stays": STAY,
}
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


def take_rows(tmp_path: Path, table: str, *changes: dict[str, Any], **options: Any) -> Intake:
    """Take in the good row of a table, and rows that differ from it as said."""
    good = GOOD[table]
    key = next(iter(good))
    columns = {name: None for change in changes for name in change}
    rows = [columns | {**good, key: f"{table}{place}"} | change for place, change in enumerate(changes, start=1)]
    return take(extract(tmp_path / "extract", **{table: [columns | good, *rows]}), **options)


@pytest.mark.parametrize("table", REQUIRED)
def test_a_required_column_that_is_empty_rejects_the_row(tmp_path: Path, table: str) -> None:
    taken = take_rows(tmp_path, table, *({column: blank} for column in REQUIRED[table] for blank in (None, "  ")))
    expected = [f"missing_{column}" for column in REQUIRED[table] for _ in range(2)]
    assert taken.rejects.filter(pl.col("table_name") == table)["reason"].to_list() == expected
    assert counts(taken, table)["staged"] == 1


@pytest.mark.parametrize("table", DATES)
def test_a_date_that_is_none_or_too_old_rejects_the_row(tmp_path: Path, table: str) -> None:
    unreadable = ["03/02/2024", "2024-02-30", "20240201", "2024-2-1", "spring", "2024-01-01 (BC)"]
    beyond = ["12024-01-01", "infinity"]  # an end beyond the calendar is one that nobody knows
    too_old = ["0001-01-01", "1899-12-31"]
    days = [
        (column, day) for column in DATES[table] for day in (*unreadable, *([] if column in ENDS else beyond), *too_old)
    ]
    taken = take_rows(tmp_path, table, *({column: day} for column, day in days))
    expected = ["date_before_1900" if day in too_old else "unreadable_date" for _, day in days]
    assert taken.rejects.filter(pl.col("table_name") == table)["reason"].to_list() == expected


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("patients", "observation_start"),
        ("drug_exposures", "start_date"),
        ("lab_results", "collected_at"),
        ("clinical_events", "event_date"),
        ("inpatient_stays", "admitted_on"),
    ],
)
def test_a_row_dated_after_the_audit_does_not_exist(tmp_path: Path, table: str, column: str) -> None:
    ends = {"drug_exposures": {"end_date": None}, "inpatient_stays": {"discharged_on": None}}.get(table, {})
    days = ["2024-06-30", "2024-07-01", "2124-02-01"]
    taken = take_rows(tmp_path, table, *({column: day, **ends} for day in days))
    needed = {"staged": 1, "not_needed": 1} if table == "patients" else {"staged": 2}
    assert counts(taken, table) == {"read": 4, "after_as_of": 2, **needed}


def test_a_row_of_1900_is_old_enough(tmp_path: Path) -> None:
    assert take_labs(tmp_path, {"collected_at": "1900-01-01"}).rejects.is_empty()


@pytest.mark.parametrize("table", ["drug_exposures", "lab_results", "clinical_events", "inpatient_stays"])
def test_a_row_of_a_patient_whom_nobody_knows_is_rejected(tmp_path: Path, table: str) -> None:
    taken = take_rows(tmp_path, table, {"patient_id": "stranger"})
    assert reasons(taken, table) == {f"{table}1": "unknown_patient"}


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-02-01", date(2024, 2, 1)),
        ("2024-02-01 23:59:59", date(2024, 2, 1)),
        ("2024-02-01T23:59", date(2024, 2, 1)),
        ("2024-02-01T00:00:00.000Z", date(2024, 2, 1)),
        ("2024-02-01T00:30:00+02:00", date(2024, 2, 1)),
        (" 2024-02-01 ", date(2024, 2, 1)),
    ],
)
def test_the_day_of_a_written_time_is_the_day_as_written(tmp_path: Path, written: str, day: date) -> None:
    assert take_labs(tmp_path, {"collected_at": written}).staged.labs["date"].to_list() == [day]


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


@pytest.mark.parametrize("written", ["spring", "2024-02-30", "12/31/2023"])
def test_a_death_that_is_no_date_costs_no_patient_and_is_noted(tmp_path: Path, written: str) -> None:
    taken = take(extract(tmp_path / "extract", patients=[{**PATIENT, "death_date": written}]))
    assert taken.rejects.is_empty()
    assert taken.staged.patients["death_date"].to_list() == [None]
    assert taken.row_notes.rows() == [("patients", "p1", "unreadable_death_date")]


@pytest.mark.parametrize("written", ["0001-01-01", "1899-12-31", "1900-01-01", "2019-12-31", "9999-12-31"])
def test_a_death_is_staged_as_told_whenever_it_is(tmp_path: Path, written: str) -> None:
    taken = take(extract(tmp_path / "extract", patients=[{**PATIENT, "death_date": written}]))
    assert taken.staged.patients["death_date"].to_list() == [date.fromisoformat(written)]
    assert taken.rejects.is_empty()


@pytest.mark.parametrize(
    ("deaths", "kept"),
    [
        (["2024-03-01", "2024-05-01"], "2024-05-01"),
        (["2024-05-01", "2024-03-01", None], "2024-05-01"),
        (["2024-05-01", "2024-06-30", "2024-07-01"], "2024-06-30"),
        (["2024-08-01", "2024-07-01"], "2024-07-01"),
        ([None, "spring", "0001-01-01"], "0001-01-01"),
        (["1850-01-01", "1700-01-01"], "1850-01-01"),
    ],
)
def test_of_several_deaths_the_latest_up_to_the_end_of_the_feed_counts(tmp_path, deaths: list, kept: str) -> None:
    rows = [{**PATIENT, "death_date": death} for death in deaths]
    taken = take(extract(tmp_path / "extract", patients=rows))
    assert taken.staged.patients["death_date"].to_list() == [date.fromisoformat(kept)]
    assert counts(taken, "patients") == {"read": len(rows), "staged": 1, "superseded": len(rows) - 1}


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


@pytest.mark.parametrize(
    ("dose", "staged", "reason"),
    [
        ("5", 5, None),
        ("4.99", None, "below_minimum"),
        ("400", 400, None),
        ("400.1", None, "above_maximum"),
        ("0", None, "below_minimum"),
        ("-100", None, "below_minimum"),
        (None, None, None),
    ],
)
def test_a_dose_beyond_the_limits_is_unknown_and_the_exposure_stays(
    tmp_path: Path, dose: str | None, staged: float | None, reason: str | None
) -> None:
    taken = take(extract(tmp_path / "extract", drug_exposures=[{**EXPOSURE, "daily_dose_mg": dose}]))
    assert taken.staged.exposures["daily_dose_mg"].to_list() == [staged]
    assert taken.unknown_doses.rows() == ([("x1", reason)] if reason else [])
    assert any("doses of the audited drug" in note for note in taken.notes) == (reason is not None)


def test_the_dose_limits_are_the_editions_and_of_the_audited_drug_alone(tmp_path: Path) -> None:
    exposures = [
        {**EXPOSURE, "daily_dose_mg": "450"},
        {**EXPOSURE, "exposure_id": "x2", "code": "allopurinol", "daily_dose_mg": "900"},
    ]
    folder = extract(tmp_path / "extract", drug_exposures=exposures)
    assert take(folder).staged.exposures["daily_dose_mg"].to_list() == [None, 900]
    wider = overlay(EDITION, {"dose_max_mg": 450})
    assert take(folder, guideline=wider).staged.exposures["daily_dose_mg"].to_list() == [450, 900]


def test_every_other_day_is_one_frequency_however_spelt(tmp_path: Path) -> None:
    spellings = ["QOD", "qod", "Q.O.D.", "EOD", "every other day", "Every 2 days", "alternate days", "q48h", "q2d"]
    others = ["QD", "BID", "once a week", "every day", None]
    rows: Rows = [
        {**EXPOSURE, "exposure_id": f"x{place:02}", "frequency": text}
        for place, text in enumerate([*spellings, *others])
    ]
    taken = take(extract(tmp_path / "extract", drug_exposures=rows))
    assert taken.staged.exposures["frequency"].to_list() == ["QOD"] * len(spellings) + others


@pytest.mark.parametrize(
    ("vocabulary", "code", "concept"),
    [
        ("ICD-10-CM", "K76.7", "hepatorenal"),
        ("ICD-10-CM", "K767", "hepatorenal"),
        ("ICD-10-CM", " k76.7 ", "hepatorenal"),
        ("ICD-9-CM", "789.59", "ascites"),
        ("ICD-9-CM", "78959", "ascites"),
        ("ICD-10-CM", "M05.79", "rheumatoid_arthritis"),
        ("ICD-10-CM", "M05", "rheumatoid_arthritis"),
        ("ICD-10-CM", "K5080", "ibd"),
        ("SNOMED CT", "84229001", "symptom_fatigue"),
        (" SNOMED CT", "84229001", "symptom_fatigue"),
        ("OMOP", "4223659", "symptom_fatigue"),
        ("CPT", "76700", "liver_ultrasound"),
        ("LOINC", "5196-1", "hbsag"),
        ("concept", "benefit_risk_documented", "benefit_risk_documented"),
        ("concept", "hepatic_decompensation", "hepatic_decompensation"),
        ("concept", "igg", "igg"),
        ("concept", "alt", None),
        ("concept", "azathioprine", None),
        ("concept", "nausea", None),
        ("LOINC", "1742-6", None),
        ("ICD-10-CM", "K76", None),
        ("ICD-10-CM", "K76.70", None),
        ("snomed ct", "84229001", None),
        ("SNOMED CT", "84.229001", None),
        ("local", "84229001", None),
    ],
)
def test_a_code_of_an_event_becomes_its_concept(
    tmp_path: Path, vocabulary: str, code: str, concept: str | None
) -> None:
    taken = take(extract(tmp_path / "extract", clinical_events=[{**EVENT, "vocabulary": vocabulary, "code": code}]))
    assert taken.staged.events is not None
    assert taken.staged.events["concept"].to_list() == ([concept] if concept else [])
    listed = taken.unlisted.filter(pl.col("table_name") == "clinical_events").is_empty()
    assert listed == (concept is not None)


@pytest.mark.parametrize(
    ("vocabulary", "code", "concept"),
    [
        ("ATC", "L04AX01", "azathioprine"),
        ("ATC", "B01AF02", "anticoagulant"),
        ("ATC", "B01AA", "anticoagulant"),
        ("ATC", "H02AB07", "corticosteroid_systemic"),
        ("ATC", "B01AB01", None),
        ("RxNorm", "197388", "azathioprine"),
        ("dm+d", "327070006", "azathioprine"),
        ("OMOP", "19014878", "azathioprine"),
        ("RxNorm", "0197388", None),
    ],
)
def test_a_code_of_a_drug_becomes_its_concept(tmp_path: Path, vocabulary: str, code: str, concept: str | None) -> None:
    row = {**EXPOSURE, "exposure_id": "x2", "vocabulary": vocabulary, "code": code, "start_date": "2024-02-01"}
    taken = take(extract(tmp_path / "extract", drug_exposures=[EXPOSURE, row]))
    assert taken.staged.exposures["concept"].to_list()[1:] == ([concept] if concept else [])


def test_codes_on_no_list_are_counted_the_most_frequent_first(tmp_path: Path) -> None:
    codes = ["9999-9", "1-1", " 9999-9"]
    taken = take_labs(tmp_path, {}, *({"vocabulary": "LOINC", "code": code, "value": "text"} for code in codes))
    assert taken.unlisted.rows() == [("lab_results", "LOINC", "9999-9", 2), ("lab_results", "LOINC", "1-1", 1)]
    assert counts(taken) == {"read": 4, "staged": 1, "not_needed": 3}


def test_a_sites_list_adds_local_codes_and_drugs(tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "ours.csv").write_text(
        "concept,vocabulary,code,display\nazathioprine,local,aza 50,Imurel\nalt,local,0017,GPT\nstatin,local,sim,x\n",
        encoding="utf-8",
    )
    exposures = [{**EXPOSURE, "vocabulary": "local", "code": "aza 50"}]
    labs = [{**RESULT, "vocabulary": "local", "code": code, "result_id": code} for code in ("0017", "17")]
    taken = take(extract(tmp_path / "extract", drug_exposures=exposures, lab_results=labs), lists=[lists])
    assert taken.staged.exposures["product"].to_list() == ["local aza 50"]
    assert taken.staged.labs["result_id"].to_list() == ["0017"]
    assert "code lists name drugs that this audit does not use: statin" in taken.notes


@pytest.mark.parametrize("status", ["final", "corrected", "preliminary", "FINAL", None])
def test_a_result_of_a_valid_status_is_staged(tmp_path: Path, status: str | None) -> None:
    taken = take_labs(tmp_path, {"status": status})
    assert counts(taken) == {"read": 1, "staged": 1}
    assert taken.staged.labs["status"].to_list() == [(status or "final").lower()]


def test_a_result_of_another_status_is_rejected(tmp_path: Path) -> None:
    assert reasons(take_labs(tmp_path, {"status": "unknown"})) == {"r1": "unknown_status"}


def test_a_stay_may_go_on_but_not_end_before_it_begins(tmp_path: Path) -> None:
    changes = [{"discharged_on": None}, {"discharged_on": "2024-02-05"}, {"discharged_on": "2024-02-04"}]
    taken = take_rows(tmp_path, "inpatient_stays", *changes)
    assert reasons(taken, "inpatient_stays") == {"inpatient_stays3": "end_before_start"}


def test_a_reject_names_the_rule_and_keeps_the_row(tmp_path: Path) -> None:
    taken = take_labs(tmp_path, {}, {"unit": "furlong"})
    row = taken.rejects.to_dicts()[0]
    assert (row["table_name"], row["row_number"], row["source_id"]) == ("lab_results", 2, "r2")
    assert (row["reason"], row["detail"]) == ("unknown_unit", "unit is one of this analyte")
    assert '"unit":"furlong"' in row["row"]
    assert '"value":"50"' in row["row"]


def test_the_first_broken_rule_is_the_reason(tmp_path: Path) -> None:
    taken = take_labs(tmp_path, {"patient_id": "stranger", "unit": "furlong", "value": "x", "status": "odd"})
    assert reasons(taken) == {"r1": "unknown_status"}


def test_staged_frames_are_as_declared_and_sorted(tmp_path: Path) -> None:
    people = [PATIENT, {**PATIENT, "patient_id": "p0"}]
    exposures = [EXPOSURE, {**EXPOSURE, "exposure_id": "x2", "patient_id": "p0"}]
    labs = [
        {**RESULT, "result_id": key, "patient_id": patient, "collected_at": day}
        for key, patient, day in [
            ("c", "p1", "2024-02-01"),
            ("b", "p1", "2024-02-01"),
            ("a", "p1", "2024-03-01"),
            ("d", "p0", "2024-04-01"),
        ]
    ]
    staged = take(extract(tmp_path / "extract", patients=people, drug_exposures=exposures, lab_results=labs)).staged
    assert staged.labs["result_id"].to_list() == ["d", "b", "c", "a"]
    assert staged.patients["patient_id"].to_list() == ["p0", "p1"]
    frames = (
        (staged.patients, PATIENTS),
        (staged.labs, LABS),
        (staged.exposures, EXPOSURES),
        (staged.events, EVENTS),
        (staged.stays, STAYS),
    )
    for frame, declared in frames:
        assert frame is not None
        assert frame.schema == declared.schema


def test_an_optional_table_that_is_missing_is_told_from_an_empty_one(tmp_path: Path) -> None:
    missing = take(extract(tmp_path / "missing", clinical_events=None, inpatient_stays=None))
    assert missing.staged.events is None
    assert missing.staged.stays is None
    assert counts(missing, "clinical_events") == {}
    notes = "\n".join(missing.notes)
    assert "clinical_events is missing: RST-06" in notes
    assert "inpatient_stays is missing: a slot" in notes
    empty = extract(tmp_path / "empty")
    (empty / "clinical_events.csv").write_text("event_id,patient_id,event_date,vocabulary,code\n", encoding="utf-8")
    taken = take(empty)
    assert taken.staged.events is not None
    assert taken.staged.events.is_empty()


def test_columns_that_are_missing_are_named_and_extra_ones_counted(tmp_path: Path) -> None:
    row = {key: value for key, value in RESULT.items() if key not in ("status", "recorded_at")} | {
        "ward": "7",
        "bed": "1",
    }
    taken = take(extract(tmp_path / "extract", lab_results=[row]))
    notes = "\n".join(taken.notes)
    assert "lab_results: 2 columns not of the contract were kept out" in notes
    assert "ward" not in notes
    assert "lab_results has no column status: retracted results" in notes
    assert "lab_results has no column recorded_at: versions" in notes
    assert "ward" not in taken.staged.labs.columns


def test_parquet_with_types_is_read_as_text_is(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract")
    types: dict[str, pl.DataType] = {
        "value": pl.Decimal(9, 2),
        "reference_high": pl.Int32(),
        "collected_at": pl.Datetime("ns"),
        "recorded_at": pl.Datetime("ms"),
        "observation_start": pl.Date(),
        "daily_dose_mg": pl.Float32(),
    }
    from_csv, from_parquet = take(folder), take(as_parquet(folder, tmp_path / "parquet", types))
    for frame in ("patients", "labs", "exposures", "events", "stays"):
        assert getattr(from_csv.staged, frame).equals(getattr(from_parquet.staged, frame))


def test_a_short_float_keeps_the_decimals_that_it_was_written_with(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract", lab_results=[{**RESULT, "value": "3.3"}])
    taken = take(as_parquet(folder, tmp_path / "parquet", {"value": pl.Float32()}))
    assert taken.staged.labs["value"].to_list() == [3.3]


def test_nothing_is_staged_of_the_day_after_the_audit(tmp_path: Path) -> None:
    taken = take_labs(tmp_path, {"collected_at": "2024-06-30 23:59:59"}, {"collected_at": "2024-07-01 00:00:00"})
    assert taken.staged.labs["date"].to_list() == [AS_OF]
