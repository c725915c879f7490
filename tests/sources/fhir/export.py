"""Write a native extract as a FHIR bulk export, in the many ways in which FHIR says one thing."""

import gzip
import json
import random
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

Resource = dict[str, Any]
SYSTEMS = {
    "LOINC": "http://loinc.org",
    "SNOMED CT": "http://snomed.info/sct",
    "RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ATC": "http://www.whocc.no/atc",
    "ICD-10-CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "CPT": "http://www.ama-assn.org/go/cpt",
    "concept": "urn:rechallenge:concept",
}
UCUM = "http://unitsofmeasure.org"
IN_UCUM = {"U/L", "mg/dL", "umol/L", "ukat/L", "10*9/L", "10*3/uL", "g/dL", "g/L", "kg", "{INR}", "/uL"}
REASONS: Mapping[str, Resource] = {
    "hepatotoxicity": {"coding": [{"system": SYSTEMS["SNOMED CT"], "code": "197354009"}]},
    "abnormal_lft": {"text": "Raised liver enzymes"},
}
OFFSETS = ("+09:00", "+02:00", "-05:00")


def export(extract: Path, to: Path, seed: int = 1) -> Path:
    """Write the export: types in files of their own, in one gzipped mixture, and in a subfolder; shuffled."""
    to.mkdir(parents=True)
    shutil.copy(extract / "extract.json", to / "extract.json")
    rows = {name: read(extract, name) for name in MAKERS}
    resources = [
        one for name, maker in MAKERS.items() for place, row in enumerate(rows[name]) for one in maker(row, place)
    ]
    resources += [{"resourceType": "Organization", "id": site} for site in ("north", "south")]
    random.Random(seed).shuffle(resources)
    mixed, plain = resources[::3], [one for place, one in enumerate(resources) if place % 3]
    with gzip.open(to / "all.ndjson.gz", "wt", encoding="utf-8") as out:
        out.writelines(lines(mixed))
    for kind in sorted({one["resourceType"] for one in plain}):
        folder = to / "more" if kind == "Condition" else to
        folder.mkdir(exist_ok=True)
        named = folder / f"{len(kind)}{'.jsonl' if kind == 'Encounter' else '.ndjson'}"
        with named.open("a", encoding="utf-8") as out:
            out.writelines(lines(one for one in plain if one["resourceType"] == kind))
    periods = "SELECT patient_id, observation_start, observation_end FROM read_parquet(?)"
    duckdb.connect().execute(
        f"COPY ({periods}) TO '{to / 'observation_periods.csv'}' (HEADER)", [str(extract / "patients" / "*.parquet")]
    )
    return to


def read(extract: Path, name: str) -> list[Resource]:
    """Return the rows of a table, days and times as text."""
    found = duckdb.connect().execute("SELECT * FROM read_parquet(?)", [str(extract / name / "*.parquet")])
    names = [column[0] for column in found.description or ()]
    return [
        {
            key: value.isoformat() if hasattr(value, "isoformat") else value
            for key, value in zip(names, row, strict=True)
        }
        for row in found.fetchall()
    ]


def lines(resources: Iterable[Resource]) -> Iterable[str]:
    """Return resources as lines."""
    return (json.dumps(one, ensure_ascii=False) + "\n" for one in resources)


def patient(row: Resource, place: int) -> list[Resource]:
    """Return a patient, and a visit that is no stay."""
    gender = {"F": "female", "M": "male", None: ("unknown", "other", None)[place % 3]}[row["sex"]]
    return [
        without_nulls(
            resourceType="Patient",
            id=row["patient_id"],
            gender=gender,
            birthDate=row["birth_year"] and f"{row['birth_year']}{('', '-07', '-07-14')[place % 3]}",
            managingOrganization={"reference": f"Organization/{row['site_id']}"},
            deceasedDateTime=row["death_date"],
        ),
        {
            "resourceType": "Encounter",
            "id": f"visit-{place}",
            "status": "finished",
            "class": {"code": "AMB"},
            "subject": subject(row, place),
            "period": {"start": row["observation_start"]},
        },
    ]


def observation(row: Resource, place: int) -> list[Resource]:
    """Return a result: in itself, or as the component of a panel."""
    unit = quantity_unit(row["unit"])
    given: Resource = {"code": concept(row, place)}
    if row["unit"] is None and place % 2:
        given["valueString"] = f"{row['comparator'] or ''}{row['value']}"
    else:
        given["valueQuantity"] = without_nulls(value=row["value"], comparator=row["comparator"], **unit)
    low, high = row["reference_low"], row["reference_high"]
    if low is not None and high is not None and place % 5 == 0:
        given["referenceRange"] = [{"text": f"{low} - {high}"}]
    elif low is not None or high is not None:
        limits = {"low": low, "high": high}
        range_ = {name: {"value": limit, **unit} for name, limit in limits.items() if limit is not None}
        critical = {"type": {"coding": [{"code": "treatment"}]}, "high": {"value": 9999, **unit}}
        given["referenceRange"] = [critical, range_] if place % 7 == 0 else [range_]
    collected = f"{row['collected_at']}{OFFSETS[place % 3]}"
    own = without_nulls(
        resourceType="Observation",
        id=row["result_id"],
        status=("final", "appended")[place % 2],
        subject=subject(row, place),
        issued=row["recorded_at"] and f"{row['recorded_at']}{OFFSETS[place % 3]}",
        **({"effectivePeriod": {"start": collected}} if place % 4 == 0 else {"effectiveDateTime": collected}),
    )
    if place % 11:
        return [own | given]
    return [own | {"code": {"text": "Panel"}, "component": [given]}]


def request(row: Resource, place: int) -> list[Resource]:
    """Return an order, and for one that ends with a discharge its encounter."""
    bounds = without_nulls(start=row["start_date"], end=row["end_date"])
    own = without_nulls(
        resourceType="MedicationRequest",
        id=row["exposure_id"],
        status={
            "explicit": "stopped",
            "discharge": "stopped",
            "supply": "completed" if row["end_date"] else "active",
        }.get(row["end_type"], "active"),
        intent="order",
        statusReason=row["stop_reason"] and REASONS.get(row["stop_reason"], {"text": row["stop_reason"]}),
        medicationCodeableConcept=concept(row, place),
        subject=subject(row, place),
        authoredOn=row["recorded_at"],
        dosageInstruction=[dosage(row, place, bounds)],
    )
    if row["days_supply"] is not None:
        supply = {"value": row["days_supply"], "unit": "days", "system": UCUM, "code": "d"}
        own["dispenseRequest"] = {"expectedSupplyDuration": supply}
    if row["end_type"] != "discharge":
        return [own]
    own |= {"category": [{"coding": [{"code": "inpatient"}]}], "encounter": {"reference": f"Encounter/d-{place}"}}
    stay = {"start": row["start_date"], "end": row["end_date"]}
    return [
        own,
        {
            "resourceType": "Encounter",
            "id": f"d-{place}",
            "status": "finished",
            "class": {"code": "EMER"},
            "period": stay,
        },
    ]


def dosage(row: Resource, place: int, bounds: Resource) -> Resource:
    """Return a dosage: a dose so many times a day, or milligrams a day where no frequency is known."""
    repeat: Resource = {"boundsPeriod": bounds}
    route = {"text": row["route"]}
    dose = row["daily_dose_mg"]
    if dose is None:
        return {"timing": {"repeat": repeat}, "route": route}
    if row["frequency"] is None:
        rate = {"value": dose, "unit": "mg/d", "system": UCUM, "code": "mg/d"}
        return {"timing": {"repeat": repeat}, "route": route, "doseAndRate": [{"rateQuantity": rate}]}
    if row["frequency"] == "every other day":
        return {"timing": {"repeat": repeat}, "text": f"{dose * 2:g} mg every other day", "route": route}
    times, period = {"QD": (1, 1), "BID": (2, 1), "QOD": (1, 2)}[row["frequency"]]
    each = {"value": dose * period / times, "unit": "mg", "system": UCUM, "code": "mg"}
    if place % 3 == 0:
        timing = {"repeat": repeat, "code": {"coding": [{"code": row["frequency"]}]}}
    else:
        timing = {"repeat": repeat | {"frequency": times, "period": period, "periodUnit": "d"}}
    return {"timing": timing, "route": route, "doseAndRate": [{"doseQuantity": each}]}


def event(row: Resource, place: int) -> list[Resource]:
    """Return a condition; an image is a procedure or a report."""
    kind = ("Procedure", "DiagnosticReport")[place % 2] if row["vocabulary"] == "CPT" else "Condition"
    own: Resource = {
        "resourceType": kind,
        "id": row["event_id"],
        "subject": subject(row, place),
        "code": concept(row, place),
    }
    if kind == "Procedure":
        own |= {"status": "completed", "performedPeriod": {"start": row["event_date"]}}
        return [own | {"meta": {"lastUpdated": row["recorded_at"]}}]
    if kind == "DiagnosticReport":
        return [own | {"status": "final", "effectiveDateTime": row["event_date"], "issued": row["recorded_at"]}]
    verification = {"coding": [{"code": ("confirmed", "provisional")[place % 2]}]}
    onset = row["event_date"][:7] if row["event_date"] == row["recorded_at"] else row["event_date"]
    return [own | {"verificationStatus": verification, "onsetDateTime": onset, "recordedDate": row["recorded_at"]}]


def stay(row: Resource, place: int) -> list[Resource]:
    """Return an inpatient encounter."""
    period = without_nulls(start=row["admitted_on"], end=row["discharged_on"])
    kind = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": ("IMP", "ACUTE", "NONAC")[place % 3]}
    return [
        {
            **{"resourceType": "Encounter", "id": row["stay_id"], "status": "finished", "class": kind},
            **{"subject": subject(row, place), "period": period},
        }
    ]


def concept(row: Resource, place: int) -> Resource:
    """Return a codeable concept; some begin with a code that no list has."""
    coding = without_nulls(system=SYSTEMS.get(row["vocabulary"]), code=row["code"], display="Something")
    stranger = {"system": "urn:oid:1.2.3.4", "code": f"L{place % 4}", "display": "Local"}
    is_listed = row["vocabulary"] not in ("local", "ICD-10-CM") and place % 4 == 0
    return {
        "coding": [stranger, coding] if is_listed and row["vocabulary"] == "concept" else [coding],
        "text": "Something",
    }


def subject(row: Resource, place: int) -> Resource:
    """Return a reference to the patient, in one of its forms."""
    forms = ("Patient/{}", "urn:uuid:{}", "https://fhir.example.org/r4/Patient/{}", "Patient/{}/_history/2")
    return {"reference": forms[place % 4].format(row["patient_id"])}


def quantity_unit(unit: str | None) -> Resource:
    """Return the unit of a quantity: a code of UCUM, or as printed."""
    if unit is None:
        return {}
    return {"unit": unit, "system": UCUM, "code": unit} if unit in IN_UCUM else {"unit": unit}


def without_nulls(**elements: Any) -> Resource:
    """Return elements without those that have no value, as FHIR has no nulls."""
    return {name: value for name, value in elements.items() if value is not None}


MAKERS: Mapping[str, Callable[[Resource, int], list[Resource]]] = {
    "patients": patient,
    "lab_results": observation,
    "drug_exposures": request,
    "clinical_events": event,
    "inpatient_stays": stay,
}
