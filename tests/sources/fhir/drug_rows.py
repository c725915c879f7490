"""What the tests of drugs share."""

from pathlib import Path

from tests.sources.fhir.bulk import (
    AZATHIOPRINE,
    ENCOUNTER,
    SUBJECT,
    UCUM,
    Resource,
    read_all,
)

DAYS = {"value": 30, "unit": "days", "system": UCUM, "code": "d"}

DISPENSE: Resource = {
    "resourceType": "MedicationDispense",
    "id": "x",
    "status": "completed",
    "subject": SUBJECT,
    "medicationCodeableConcept": AZATHIOPRINE,
    "whenHandedOver": "2024-01-05",
    "daysSupply": DAYS,
}

STATEMENT: Resource = {
    "resourceType": "MedicationStatement",
    "id": "x",
    "status": "active",
    "subject": SUBJECT,
    "medicationCodeableConcept": AZATHIOPRINE,
    "effectivePeriod": {"start": "2024-01-06"},
    "dateAsserted": "2024-01-10",
}

ADMINISTRATION: Resource = {
    "resourceType": "MedicationAdministration",
    "id": "x",
    "status": "completed",
    "subject": SUBJECT,
    "medicationCodeableConcept": AZATHIOPRINE,
    "effectiveDateTime": "2024-01-07T08:00:00Z",
    "dosage": {"dose": {"value": 50, "unit": "mg"}, "route": {"text": "Oral"}},
}


def bounds(**period: object) -> Resource:
    return {"dosageInstruction": [{"timing": {"repeat": period}}]}


def tablets(count: float, dose: Resource, strength: bool = True, **timing: object) -> Resource:
    repeat = {"frequency": 1, "period": 1, "periodUnit": "d", **timing}
    order = {
        "dosageInstruction": [{"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": dose}]}],
        "dispenseRequest": {"quantity": {"value": count, "unit": "tablets"}},
    }
    return order if strength else order | {"medicationCodeableConcept": {"text": "Imuran"}}


ORDER: Resource = {
    "resourceType": "MedicationRequest",
    "status": "active",
    "intent": "order",
    "subject": {"reference": "Patient/p2"},
    "medicationCodeableConcept": AZATHIOPRINE,
    "authoredOn": "2024-01-01",
}


def went(tmp_path: Path, kind: str, *changes: Resource) -> dict[str, int]:
    base = {"MedicationRequest": ORDER, DISPENSE["resourceType"]: DISPENSE, STATEMENT["resourceType"]: STATEMENT}[kind]
    given = [{**base, "id": f"x{n}", "subject": {"reference": f"Patient/q{n}"}, **one} for n, one in enumerate(changes)]
    counts = read_all(tmp_path, *given, only="drug_exposures").went(kind)
    return counts | {"carried": counts["carried"] - (kind == "MedicationRequest")}


def only(tmp_path: Path, resource: Resource, *others: Resource) -> Resource:
    given = {**resource, "subject": {"reference": "Patient/p2"}}
    return read_all(tmp_path, given, *others, only="drug_exposures").of("drug_exposures")[
        f"{resource['resourceType']}/x"
    ]


STAY = {**ENCOUNTER, "subject": {"reference": "Patient/p2"}}


OUTPATIENT = {**STAY, "id": "amb", "class": {"code": "AMB"}}


INPATIENT = {"category": [{"coding": [{"code": "inpatient"}]}]}
