"""Public synthetic exports that nobody here wrote, read whole."""

from pathlib import Path

import pytest

from flows.given import Given
from tests.flows.extracts import AS_OF
from tests.sources.fhir.bulk import Read, read

DATA = Path(__file__).parents[3].parent / "shared" / "data"


def public(name: str, tmp_path: Path) -> Read:
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"{name} is not on this machine")
    return read(Given("fhir", str(folder)), tmp_path, AS_OF)


def test_synthea(tmp_path: Path) -> None:
    found = public("fhir-synthea", tmp_path)
    assert found.account == {
        ("Condition", "clinical_events", "carried", None, 93491),
        ("MedicationRequest", "drug_exposures", "carried", None, 26238),
        ("MedicationRequest", "drug_exposures", "rejected", "ended_on_unknown_day", 37),
        ("Observation", "lab_results", "carried", None, 25241),
        ("Patient", "patients", "carried", None, 796),
        ("lines", None, "looked_up", None, 145803),
    }
    takers = [row for row in found.tables["drug_exposures"] if row["code"] == "197388"]
    assert {(row["end_type"], row["end_date"], row["daily_dose_mg"]) for row in takers} == {("ongoing", None, None)}
    assert len({row["patient_id"] for row in takers}) == 2
    alt = [row["patient_id"] for row in found.tables["lab_results"] if row["code"] == "1742-6"]
    assert max(alt.count(patient) for patient in {row["patient_id"] for row in takers}) == 52


def test_clinosim(tmp_path: Path) -> None:
    found = public("fhir-clinosim", tmp_path)
    assert found.account == {
        ("Condition", "clinical_events", "carried", None, 4616),
        ("MedicationRequest", "drug_exposures", "carried", None, 27623),
        ("MedicationRequest", "drug_exposures", "left_out", "cancelled_order", 1),
        ("MedicationRequest", "drug_exposures", "rejected", "ended_on_unknown_day", 19),
        ("Observation", "lab_results", "carried", None, 21018),
        ("Patient", "patients", "carried", None, 1224),
        ("Patient", "patients", "left_out", "no_dated_resource", 166),
        ("lines", None, "looked_up", None, 54667),
    }
    prednisone = [
        row for row in found.tables["drug_exposures"] if (row["vocabulary"], row["code"]) == ("name", "Prednisone")
    ]
    assert len(prednisone) == 77
    alt = [row for row in found.tables["lab_results"] if row["code"] == "1742-6"]
    assert len({row["patient_id"] for row in alt}) == 739
    assert {row["reference_high"] for row in alt} == {56}
