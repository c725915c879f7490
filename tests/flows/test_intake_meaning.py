"""What received rows are taken to mean: frequencies, codes, statuses, types."""

from pathlib import Path

import polars as pl
from extracts import (
    AS_OF,
    EVENT,
    EXPOSURE,
    PATIENT,
    RESULT,
    Rows,
    as_parquet,
    counts,
    extract,
    reasons,
    take,
    take_labs,
)

from audit.frames import EVENTS, EXPOSURES, LABS, PATIENTS, STAYS
from tests.flows.rows_taken import take_rows


def test_every_other_day_is_one_frequency_however_spelt(tmp_path: Path) -> None:
    spellings = ["QOD", "qod", "Q.O.D.", "EOD", "every other day", "Every 2 days", "alternate days", "q48h", "q2d"]
    others = ["QD", "BID", "once a week", "every day", None]
    rows: Rows = [
        {**EXPOSURE, "exposure_id": f"x{place:02}", "frequency": text}
        for place, text in enumerate([*spellings, *others])
    ]
    taken = take(extract(tmp_path / "extract", drug_exposures=rows))
    assert taken.staged.exposures["frequency"].to_list() == ["QOD"] * len(spellings) + others


EVENT_CODES: list[tuple[str, str, str | None]] = [
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
]


def test_a_code_of_an_event_becomes_its_concept(tmp_path: Path) -> None:
    cases = {f"[{vocabulary}] [{code}]": concept for vocabulary, code, concept in EVENT_CODES}
    rows = [
        {**EVENT, "event_id": case, "vocabulary": vocabulary, "code": code}
        for case, (vocabulary, code, _) in zip(cases, EVENT_CODES, strict=True)
    ]
    taken = take(extract(tmp_path / "extract", clinical_events=rows))
    assert taken.staged.events is not None
    concepts = dict(taken.staged.events.select("event_id", "concept").iter_rows())
    assert concepts == {case: concept for case, concept in cases.items() if concept}
    assert sorted(taken.unlisted.filter(pl.col("table_name") == "clinical_events").rows()) == sorted(
        ("clinical_events", vocabulary, code, 1) for vocabulary, code, concept in EVENT_CODES if concept is None
    )


DRUG_CODES: list[tuple[str, str, str | None]] = [
    ("ATC", "L04AX01", "azathioprine"),
    ("ATC", "B01AF02", "anticoagulant"),
    ("ATC", "B01AA", "anticoagulant"),
    ("ATC", "H02AB07", "corticosteroid_systemic"),
    ("ATC", "B01AB01", None),
    ("RxNorm", "197388", "azathioprine"),
    ("dm+d", "327070006", "azathioprine"),
    ("OMOP", "19014878", "azathioprine"),
    ("RxNorm", "0197388", None),
]


def test_a_code_of_a_drug_becomes_its_concept(tmp_path: Path) -> None:
    row = {**EXPOSURE, "start_date": "2024-02-01"}
    rows = [
        {**row, "exposure_id": f"{vocabulary} {code}", "vocabulary": vocabulary, "code": code}
        for vocabulary, code, _ in DRUG_CODES
    ]
    taken = take(extract(tmp_path / "extract", drug_exposures=[EXPOSURE, *rows]))
    concepts = dict(taken.staged.exposures.select("exposure_id", "concept").iter_rows())
    assert concepts == {"x1": "azathioprine"} | {
        f"{vocabulary} {code}": concept for vocabulary, code, concept in DRUG_CODES if concept
    }


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


def test_a_result_of_a_valid_status_is_staged_and_one_of_another_is_rejected(tmp_path: Path) -> None:
    given = ("final", "corrected", "preliminary", "FINAL", None)
    taken = take_labs(tmp_path, *({"status": status} for status in given), {"status": "unknown"})
    assert counts(taken) == {"read": 6, "staged": 5, "rejected": 1}
    staged = dict(taken.staged.labs.select("result_id", "status").iter_rows())
    assert staged == {f"r{place}": (status or "final").lower() for place, status in enumerate(given, start=1)}
    assert reasons(taken) == {"r6": "unknown_status"}


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
