"""Patients, stays and events, which tables must be there, and where they are looked for."""

import gzip
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.errors import Refused, Usage
from flows.given import Given
from tests.sources import look
from tests.sources.mimic_iv.hosp import hosp, received

TIMES = ("admittime", "dischtime", "deathtime", "charttime", "storetime", "starttime", "stoptime")
NUMBERS = ("subject_id", "hadm_id", "labevent_id", "itemid", "pharmacy_id", "seq_num", "icd_version", "valuenum")


def patient(tmp_path: Path, **tables: Any) -> dict[str, Any]:
    [row] = received(tmp_path, "patients", **tables)
    return row


def test_a_patient_is_observed_from_the_first_to_the_last_day_of_any_row(tmp_path: Path) -> None:
    row = patient(tmp_path)
    assert (row["patient_id"], row["sex"], row["birth_year"], row["site_id"]) == ("1", "F", 2100.0, "BIDMC")
    assert (str(row["observation_start"]), str(row["observation_end"])) == ("2150-03-01", "2150-03-20")
    assert row["death_date"] is None


@pytest.mark.parametrize(
    ("table", "rows", "expected"),
    [
        ("admissions", [{"admittime": "2149-01-01 10:00:00"}], ("2149-01-01", "2150-03-20")),
        ("admissions", [{"dischtime": None}], ("2150-03-01", "2150-03-10")),
        ("admissions", [{"admittime": "2150-04-01 10:00:00", "dischtime": None}], ("2150-03-02", "2150-04-01")),
        ("labevents", [{"charttime": "2149-01-02 10:00:00"}], ("2149-01-02", "2150-03-20")),
        ("labevents", [{"charttime": "2151-01-02 10:00:00"}], ("2150-03-01", "2151-01-02")),
        ("prescriptions", [{"starttime": "2149-01-03 10:00:00"}], ("2149-01-03", "2150-03-20")),
        ("prescriptions", [{"stoptime": "2150-03-21 10:00:00"}], ("2150-03-01", "2150-03-21")),
        ("prescriptions", [{"starttime": "2150-03-22 10:00:00"}], ("2150-03-01", "2150-03-22")),
    ],
)
def test_each_table_with_days_extends_the_observed_period(
    tmp_path: Path, table: str, rows: Any, expected: tuple[str, str]
) -> None:
    row = patient(tmp_path, **{table: rows})
    assert (str(row["observation_start"]), str(row["observation_end"])) == expected


def test_other_patients_rows_do_not_extend_it(tmp_path: Path) -> None:
    other = {"labevent_id": "901", "subject_id": "2", "charttime": "2160-01-01 10:00:00"}
    assert str(patient(tmp_path, labevents=[{}, other])["observation_end"]) == "2150-03-20"


def test_a_patient_without_any_row_has_no_observed_period(tmp_path: Path) -> None:
    rows = received(tmp_path, "patients", patients=[{}, {"subject_id": "2"}])
    assert (rows[1]["patient_id"], rows[1]["observation_start"], rows[1]["observation_end"]) == ("2", None, None)


@pytest.mark.parametrize(("age", "born"), [("89", 2061.0), ("91", None), (None, None)])
def test_above_89_the_year_of_birth_is_unknown(tmp_path: Path, age: str | None, born: float | None) -> None:
    assert patient(tmp_path, patients=[{"anchor_age": age}])["birth_year"] == born


@pytest.mark.parametrize(
    ("dod", "deathtime", "expected"),
    [
        ("2150-08-01", None, "2150-08-01"),
        ("2150-03-20", "2150-03-20 15:00:00", "2150-03-20"),
        (None, "2150-03-20 15:00:00", "2150-03-20"),
        ("unknown", None, "unknown"),
    ],
)
def test_a_death_is_that_of_the_registry_or_that_in_hospital(
    tmp_path: Path, dod: str | None, deathtime: str | None, expected: str
) -> None:
    row = patient(tmp_path, patients=[{"dod": dod}], admissions=[{"deathtime": deathtime}])
    assert row["death_date"] == expected


def test_each_admission_is_a_stay_also_one_that_goes_on(tmp_path: Path) -> None:
    stays = [{"admission_type": "EU OBSERVATION"}, {"hadm_id": "21", "dischtime": None}]
    rows = received(tmp_path, "inpatient_stays", admissions=stays)
    assert [(row["stay_id"], row["patient_id"], row["admitted_on"], row["discharged_on"]) for row in rows] == [
        ("20", "1", "2150-03-01 10:00:00", "2150-03-20 15:00:00"),
        ("21", "1", "2150-03-01 10:00:00", None),
    ]


def test_a_diagnosis_is_dated_at_the_discharge(tmp_path: Path) -> None:
    codes = [{}, {"seq_num": "2", "icd_code": "K7290", "icd_version": "10"}]
    rows = received(tmp_path, "clinical_events", diagnoses_icd=codes)
    assert [(row["event_id"], row["event_date"], row["vocabulary"], row["code"]) for row in rows] == [
        ("1-20-1", "2150-03-20", "ICD-9-CM", "78959"),
        ("1-20-2", "2150-03-20", "ICD-10-CM", "K7290"),
    ]


@pytest.mark.parametrize("change", [{"hadm_id": "99"}, {"hadm_id": None}])
def test_a_diagnosis_of_no_known_stay_has_no_date(tmp_path: Path, change: dict[str, Any]) -> None:
    [row] = received(tmp_path, "clinical_events", diagnoses_icd=[change])
    assert row["event_date"] is None


def test_a_diagnosis_of_a_stay_that_goes_on_has_no_date(tmp_path: Path) -> None:
    [row] = received(tmp_path, "clinical_events", admissions=[{"dischtime": None}])
    assert row["event_date"] is None


def test_two_diagnoses_of_one_rank_are_two_events(tmp_path: Path) -> None:
    rows = received(tmp_path, "clinical_events", diagnoses_icd=[{}, {"icd_code": "5722"}, {}])
    assert [row["event_id"] for row in rows] == ["1-20-1-2", "1-20-1", "1-20-1-2"]


def test_a_procedure_has_its_own_day_and_is_never_read_as_a_diagnosis(tmp_path: Path) -> None:
    """Without its dot 57.01, of the bladder, would read as 570.1, of the liver."""
    procedures = [{}, {"seq_num": "2", "icd_code": "BF45ZZZ", "icd_version": "10"}]
    rows = received(tmp_path, "clinical_events", procedures_icd=procedures, hcpcsevents=[{}])
    assert {(row["event_id"], row["event_date"], row["vocabulary"], row["code"]) for row in rows[1:]} == {
        ("procedures_icd:1-20-1", "2150-03-03", "ICD-9-Proc", "5701"),
        ("procedures_icd:1-20-2", "2150-03-03", "ICD-10-PCS", "BF45ZZZ"),
        ("hcpcsevents:1-20-1", "2150-03-04", "CPT", "76705"),
    }


def test_without_diagnoses_there_are_no_events_whatever_was_done(tmp_path: Path) -> None:
    given = hosp(tmp_path / "hosp", diagnoses_icd=None, procedures_icd=[{}], hcpcsevents=[{}])
    with look.at(given, tmp_path) as it:
        assert "clinical_events" not in it.has
        assert any(note.startswith("clinical_events is missing: RST-06") for note in it.notes)
        assert "source procedures_icd: not read, as there is no diagnoses_icd beside it" in it.notes
        assert "procedures_icd" not in {row[0] for row in look.account(it)}


def test_diagnoses_without_a_row_are_not_missing(tmp_path: Path) -> None:
    given = hosp(tmp_path / "hosp")
    file = tmp_path / "hosp" / "diagnoses_icd.csv"
    file.write_text(file.read_text().splitlines()[0] + "\n")
    with look.at(given, tmp_path) as it:
        assert "clinical_events" in it.has
        assert look.rows(it, "clinical_events") == []


@pytest.mark.parametrize("table", ["patients", "admissions", "labevents", "prescriptions"])
def test_a_folder_without_one_of_four_tables_is_refused(tmp_path: Path, table: str) -> None:
    """Without admissions a discharge could not be told from a stop."""
    given = hosp(tmp_path / "hosp", **{table: None})
    with pytest.raises(Refused, match=f"the table {table} is missing"), look.at(given, tmp_path):
        pass


def test_a_location_that_is_no_folder_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="is no folder"), look.at(Given("mimic-iv", str(tmp_path / "none")), tmp_path):
        pass


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    with look.at(hosp(tmp_path / "hosp"), tmp_path) as it:
        assert look.account(it) == {
            ("patients", "patients", "carried", None, 1),
            ("admissions", "inpatient_stays", "carried", None, 1),
            ("labevents", "lab_results", "carried", None, 1),
            ("omr", "lab_results", "carried", None, 1),
            ("prescriptions", "drug_exposures", "carried", None, 1),
            ("diagnoses_icd", "clinical_events", "carried", None, 1),
            ("pharmacy", None, "looked_up", None, 1),
        }


@pytest.mark.parametrize("name", ["hosp", "HOSP", "."])
def test_the_folder_above_serves_as_well(tmp_path: Path, name: str) -> None:
    hosp(tmp_path / "mimic" / name)
    (tmp_path / "mimic" / "LICENSE.txt").touch()
    with look.at(Given("mimic-iv", str(tmp_path / "mimic")), tmp_path) as it:
        assert len(look.rows(it, "patients")) == 1


def test_names_in_capitals_and_gzip_are_read(tmp_path: Path) -> None:
    given = hosp(tmp_path / "hosp")
    for file in list((tmp_path / "hosp").iterdir()):
        header, rest = file.read_text().split("\n", 1)
        (tmp_path / "hosp" / f"{file.stem.upper()}.csv.gz").write_bytes(
            gzip.compress(f"{header.upper()}\n{rest}".encode())
        )
        file.unlink()
    with look.at(given, tmp_path) as it:
        assert [row["exposure_id"] for row in look.rows(it, "drug_exposures")] == ["1-300-1"]


def test_parquet_with_types_gives_the_same_rows_as_csv(tmp_path: Path) -> None:
    orders = [{}, {"pharmacy_id": "301", "stoptime": "2150-03-10 00:00:00"}, {"pharmacy_id": "302", "hadm_id": None}]
    results = [{}, {"labevent_id": "901", "valuenum": None, "value": None, "comments": "<5."}]
    given = hosp(tmp_path / "hosp", prescriptions=orders, labevents=results, procedures_icd=[{}])
    (tmp_path / "typed").mkdir()
    for file in (tmp_path / "hosp").iterdir():
        frame = pl.read_csv(file, infer_schema=False)
        times = [pl.col(name).str.to_datetime() for name in TIMES if name in frame.columns]
        numbers = [
            pl.col(name).cast(pl.Float64 if name == "hadm_id" else pl.Int64) for name in NUMBERS if name in frame
        ]
        dates = [pl.col(name).str.to_date() for name in ("chartdate", "dod") if name in frame.columns]
        frame.with_columns(*times, *numbers, *dates).write_parquet(tmp_path / "typed" / f"{file.stem}.parquet")
    tables = ("patients", "lab_results", "drug_exposures", "clinical_events", "inpatient_stays")
    read = []
    for one in (given, Given("mimic-iv", str(tmp_path / "typed"))):
        with look.at(one, tmp_path) as it:
            read.append(
                [{key: plain(value) for key, value in row.items()} for name in tables for row in look.rows(it, name)]
            )
    assert read[0] == read[1]
    assert len(read[0]) == 10


def plain(value: Any) -> Any:
    """A time as text, a number as a number."""
    text = str(value).removesuffix(".000000")
    return float(text) if text.replace(".", "", 1).isdigit() else text
