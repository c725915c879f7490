"""Small bulk exports for the tests: resources written as NDJSON, read as an audit does, looked at."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from flows.given import Given
from flows.intake.received import Received
from tests.sources import look

Resource = Mapping[str, Any]
Row = dict[str, Any]

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
AZATHIOPRINE = {"coding": [{"system": RXNORM, "code": "197388", "display": "azathioprine 50 MG Oral Tablet"}]}
ALT = {"coding": [{"system": LOINC, "code": "1742-6"}]}
NAUSEA = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "R11.0"}]}
SUBJECT = {"reference": "Patient/p1"}

PATIENT: Resource = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1980-02-03"}
OBSERVATION: Resource = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "subject": SUBJECT,
    "code": ALT,
    "effectiveDateTime": "2024-02-01T08:00:00+01:00",
    "issued": "2024-02-02T10:00:00Z",
    "valueQuantity": {"value": 50, "unit": "U/L", "system": UCUM, "code": "U/L"},
}
REQUEST: Resource = {
    "resourceType": "MedicationRequest",
    "id": "m1",
    "status": "active",
    "intent": "order",
    "subject": SUBJECT,
    "medicationCodeableConcept": AZATHIOPRINE,
    "authoredOn": "2024-01-01",
}
CONDITION: Resource = {
    "resourceType": "Condition",
    "id": "c1",
    "subject": SUBJECT,
    "code": NAUSEA,
    "onsetDateTime": "2024-02-03",
}
ENCOUNTER: Resource = {
    "resourceType": "Encounter",
    "id": "e1",
    "status": "finished",
    "class": {"code": "IMP"},
    "subject": SUBJECT,
    "period": {"start": "2024-02-05T10:00:00Z", "end": "2024-02-08T10:00:00Z"},
}


def write(folder: Path, *resources: Resource, name: str = "all.ndjson") -> Given:
    """Write resources into one file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("".join(f"{json.dumps(one)}\n" for one in resources), encoding="utf-8")
    return Given("fhir", str(folder))


class Read:
    """What came of an export: the rows of each table of the contract, the rejects, where every row went."""

    def __init__(self, received: Received, only: str | None = None) -> None:
        """Look at everything while the warehouse is open."""
        names = ("patients", "lab_results", "drug_exposures", "clinical_events", "inpatient_stays")
        self.tables = {name: look.rows(received, name) for name in names if only in (None, name)}
        self.rejects = look.rejects(received)
        self.account = look.account(received)
        self.has, self.notes, self.rows = set(received.has), list(received.notes), dict(received.rows)

    def went(self, table: str) -> dict[str, int]:
        """Return how many rows of a source table were carried, or why not."""
        return {reason or how: rows for source, _, how, reason, rows in self.account if source == table}

    def of(self, table: str) -> dict[str, Row]:
        """Return the rows of a table of the contract by their ids."""
        return {next(value for key, value in row.items() if key != "row_number"): row for row in self.tables[table]}


def read(given: Given, tmp_path: Path, as_of: date | None = None, only: str | None = None) -> Read:
    """Read an export; `only`: a table of the contract, without the others."""
    with look.at(given, tmp_path, as_of, only=only) as received:
        return Read(received, only)


def read_all(
    tmp_path: Path, *resources: Resource, as_of: date | None = None, base: bool = True, only: str | None = None
) -> Read:
    """Read an export of these resources, with one good patient, result and order beside them unless `base` is false."""
    good: Iterable[Resource] = (PATIENT, OBSERVATION | {"id": "base"}, REQUEST | {"id": "base"}) if base else ()
    return read(write(tmp_path / "bulk", *good, *resources), tmp_path, as_of, only)


def labs(tmp_path: Path, *changes: Resource) -> list[Row]:
    """Return the results that come of observations which differ from the good one as said."""
    results = ({**OBSERVATION, "id": f"o{place}", **change} for place, change in enumerate(changes))
    found = read_all(tmp_path, *results, only="lab_results")
    rows = found.of("lab_results")
    return [rows[f"o{place}"] for place in range(len(changes))]


def exposures(tmp_path: Path, *changes: Resource, others: Iterable[Resource] = ()) -> list[Row]:
    """Return the exposures that come of orders which differ from the good one as said, each of its own patient."""
    orders = [
        {**REQUEST, "id": f"m{place}", "subject": {"reference": f"Patient/q{place}"}, **change}
        for place, change in enumerate(changes)
    ]
    found = read_all(tmp_path, *orders, *others, only="drug_exposures")
    rows = found.of("drug_exposures")
    return [rows[f"{order['resourceType']}/{order['id']}"] for order in orders]
