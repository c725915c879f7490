"""One story of a drug, told as the records of an OMOP CDM, a FHIR export and a site's own table.

A record is of one patient and one drug: an order, a dispensing, an administration or a report, with its first day, the
days of one supply or the last day, the repeats that an order allows, and what its text says of the dose.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.sources.declare import Given
from tests.flows.extracts import write_csv
from tests.sources.fhir import bulk
from tests.sources.omop.cdm import cdm

TABLET = "azathioprine 50 MG Oral Tablet"


@dataclass(frozen=True, slots=True)
class Record:
    """What one record says, in the words of no source; `text` is its dosage in words."""

    kind: str
    start: str
    supply: int | None = None
    end: str | None = None
    refills: int | None = None
    text: str = "1 tablet daily"
    drug: str = TABLET


@dataclass(frozen=True, slots=True)
class Result:
    """An ALT or AST in U/L with the limit of 40, of the person of a story."""

    story: str
    analyte: str
    day: str
    value: int


Story = Sequence[Record]
Results = Sequence[Result]
Writer = Callable[[Path, Mapping[str, Story], Results], Given]
SINCE = "2020-01-01"
CONCEPTS = {"alt": "3006923", "ast": "3013721"}
LOINC = {"alt": "1742-6", "ast": "1920-8"}
TYPES = {"order": "32838", "dispensing": "32825", "administration": "32818", "reported": "32865"}


def as_omop(folder: Path, stories: Mapping[str, Story], results: Results) -> Given:
    """Write the stories, each of a person of its own, as a CDM without concepts: drugs are told by their names."""
    people = {name: str(place) for place, name in enumerate(stories, start=1)}
    rows = [
        {
            "drug_exposure_id": identity,
            "person_id": people[name],
            "drug_concept_id": "0",
            "drug_source_value": one.drug,
            "drug_type_concept_id": TYPES[one.kind],
            "drug_exposure_start_date": one.start,
            "drug_exposure_end_date": "",
            "verbatim_end_date": one.end or "",
            "days_supply": one.supply or "",
            "refills": "" if one.refills is None else one.refills,
            "quantity": "",
            "sig": one.text,
        }
        for name, identity, one in numbered(stories)
    ]
    tables: dict[str, Any] = {
        "person": [{"person_id": number} for number in people.values()],
        "observation_period": [
            {"observation_period_id": n, "person_id": n, "observation_period_end_date": "2024-06-30"}
            for n in people.values()
        ],
        "drug_exposure": rows,
        "measurement": [
            {
                "measurement_id": place,
                "person_id": people[one.story],
                "measurement_concept_id": CONCEPTS[one.analyte],
                "measurement_date": one.day,
                "value_as_number": one.value,
                "range_low": "",
                "range_high": "40",
            }
            for place, one in enumerate(results)
        ],
        **dict.fromkeys(("condition_occurrence", "procedure_occurrence", "visit_occurrence")),
    }
    return Given("omop", str(cdm(folder, **tables)))


def as_fhir(folder: Path, stories: Mapping[str, Story], results: Results) -> Given:
    """Write the stories as a bulk export, each record as the resource of its kind."""
    people = [{**bulk.PATIENT, "id": name} for name in stories]
    drugs = [
        {
            "id": identity,
            "subject": {"reference": f"Patient/{name}"},
            "medicationCodeableConcept": {"text": one.drug},
            **RESOURCES[one.kind](one),
        }
        for name, identity, one in numbered(stories)
    ]
    labs = [
        {
            **bulk.OBSERVATION,
            "id": f"o{place}",
            "subject": {"reference": f"Patient/{one.story}"},
            "code": {"coding": [{"system": bulk.LOINC, "code": LOINC[one.analyte]}]},
            "effectiveDateTime": one.day,
            "issued": one.day,
            "valueQuantity": {"value": one.value, "unit": "U/L"},
            "referenceRange": [{"high": {"value": 40, "unit": "U/L"}}],
        }
        for place, one in enumerate(results)
    ]
    given = bulk.write(folder, *people, *labs, *drugs)
    write_csv(
        folder / "observation_periods.csv", [{"patient_id": name, "observation_start": SINCE} for name in stories]
    )
    return given


def as_table(folder: Path, stories: Mapping[str, Story], results: Results) -> Given:
    """Write the stories as a site's own table, with the site's own words for the kinds."""
    folder.mkdir(parents=True)
    words = {"order": "Rezept", "dispensing": "Abgabe", "administration": "Gabe", "reported": "Angabe"}
    names = ("ID", "WER", "MITTEL", "VON", "BIS", "TAGE", "NOCHMAL", "ART", "TEXT", "SCHLUSS")
    rows = [
        (
            identity,
            name,
            one.drug,
            one.start,
            one.end,
            one.supply,
            one.refills,
            words[one.kind],
            one.text,
            one.end and "explicit",
        )
        for name, identity, one in numbered(stories)
    ]
    write_csv(folder / "drugs.csv", [dict(zip(names, row, strict=True)) for row in rows])
    write_csv(folder / "patients.csv", [{"id": name, "start": SINCE} for name in stories])
    labs = [
        {
            "id": place,
            "who": one.story,
            "day": one.day,
            "code": one.analyte,
            "value": one.value,
            "unit": "U/L",
            "top": 40,
        }
        for place, one in enumerate(results)
    ]
    write_csv(folder / "labs.csv", labs)
    kinds = ", ".join(f"{yours} = {json.dumps(ours)}" for ours, yours in words.items())
    (folder / "mapping.toml").write_text(MAPPING.replace("KINDS", kinds))
    return Given("table", str(folder))


def numbered(stories: Mapping[str, Story]) -> list[tuple[str, str, Record]]:
    """Return every record with the name of its story and an id: `1`, `2` and so on behind that name."""
    return [(name, f"{name}-{n}", one) for name, story in stories.items() for n, one in enumerate(story, start=1)]


def _order(one: Record) -> dict[str, Any]:
    supply = {"expectedSupplyDuration": {"value": one.supply, "code": "d"}} if one.supply else {}
    repeats = {} if one.refills is None else {"numberOfRepeatsAllowed": one.refills}
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "authoredOn": one.start,
        "dosageInstruction": [{"text": one.text, **_period(one, "timing")}],
        "dispenseRequest": {**supply, **repeats},
    }


def _dispense(one: Record) -> dict[str, Any]:
    return {
        "resourceType": "MedicationDispense",
        "status": "completed",
        "whenHandedOver": one.start,
        "daysSupply": {"value": one.supply, "code": "d"},
        "dosageInstruction": [{"text": one.text}],
    }


def _administration(one: Record) -> dict[str, Any]:
    dose = {"value": 50, "unit": "mg"}
    return {
        "resourceType": "MedicationAdministration",
        "status": "completed",
        "effectiveDateTime": one.start,
        "dosage": {"dose": dose},
    }


def _statement(one: Record) -> dict[str, Any]:
    return {
        "resourceType": "MedicationStatement",
        "status": "active",
        "effectivePeriod": {"start": one.start} | ({"end": one.end} if one.end else {}),
        "dateAsserted": one.start,
        "dosage": [{"text": one.text}],
    }


def _period(one: Record, name: str) -> dict[str, Any]:
    bounds = {"start": one.start} | ({"end": one.end} if one.end else {})
    return {name: {"repeat": {"boundsPeriod": bounds}}}


RESOURCES: Mapping[str, Callable[[Record], dict[str, Any]]] = {
    "order": _order,
    "dispensing": _dispense,
    "administration": _administration,
    "reported": _statement,
}
MAPPING = """
[patients]
files = "patients.csv"
columns = { patient_id = "id", observation_start = "start" }
[lab_results]
files = "labs.csv"
constants = { vocabulary = "concept" }
[lab_results.columns]
result_id = "id"
patient_id = "who"
collected_at = "day"
code = "code"
value = "value"
unit = "unit"
reference_high = "top"
[drug_exposures]
files = "drugs.csv"
constants = { vocabulary = "name" }
[drug_exposures.columns]
exposure_id = "ID"
patient_id = "WER"
code = "MITTEL"
start_date = "VON"
end_date = "BIS"
days_supply = "TAGE"
refills = "NOCHMAL"
kind = "ART"
dosage_text = "TEXT"
end_type = "SCHLUSS"
[drug_exposures.values]
kind = { KINDS }
"""
WRITERS: Mapping[str, Writer] = {
    "omop": as_omop,
    "fhir": as_fhir,
    "table": as_table,
}
