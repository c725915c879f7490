"""FHIR: drugs of a stay, why they were stopped, elsewhere described, and told by several records."""

from datetime import date
from pathlib import Path

import pytest

from tests.sources.fhir.bulk import (
    AZATHIOPRINE,
    RXNORM,
    Read,
    Resource,
    exposures,
    read_all,
)
from tests.sources.fhir.drug_rows import (
    ADMINISTRATION,
    DAYS,
    DISPENSE,
    INPATIENT,
    ORDER,
    OUTPATIENT,
    STATEMENT,
    STAY,
    bounds,
)


def ordered(end: str | None, encounter: str = "e1", **more: object) -> Resource:
    period = {"start": "2024-02-05", **({"end": end} if end else {})}
    return {
        **ORDER,
        "id": "x",
        "encounter": {"reference": f"Encounter/{encounter}"},
        **bounds(boundsPeriod=period),
        **more,
    }


ORDERS: list[tuple[Resource, str | None, str]] = [
    (ordered("2024-02-08"), "2024-02-08", "discharge"),
    (ordered("2024-02-07"), "2024-02-07", "discharge"),
    (ordered("2024-02-09", status="stopped"), "2024-02-09", "discharge"),
    (ordered("2024-02-06", status="stopped"), "2024-02-06", "explicit"),
    (ordered("2024-02-08", status="stopped", statusReason={"text": "going home"}), "2024-02-08", "discharge"),
    (ordered("2024-02-08", status="stopped", statusReason={"text": "hepatotoxicity"}), "2024-02-08", "explicit"),
    (ordered("2024-02-08", status="completed", statusReason={"text": "hepatotoxicity"}), "2024-02-08", "discharge"),
    (ordered("2024-02-10", status="stopped"), "2024-02-10", "explicit"),
    (ordered("2024-02-08", "amb", status="stopped"), "2024-02-08", "explicit"),
    (ordered("2024-02-08", "amb", **INPATIENT), "2024-02-08", "discharge"),
    (
        ordered("2024-02-08", status="stopped", category=[{"coding": [{"code": "discharge"}]}]),
        "2024-02-08",
        "explicit",
    ),
    (ordered(None, **INPATIENT), "2024-02-08", "discharge"),
    (ordered(None), None, "ongoing"),
    (ordered(None, **INPATIENT, dispenseRequest={"expectedSupplyDuration": DAYS}), None, "supply"),
]


def test_an_order_of_a_stay_that_ends_with_it(tmp_path: Path) -> None:
    """Each order with its own patient and encounters."""
    given: list[Resource] = []
    for place, (order, *_) in enumerate(ORDERS):
        own = {"subject": {"reference": f"Patient/q{place}"}}
        encounter = {"reference": f"{order['encounter']['reference']}-{place}"}
        given.append({**order, **own, "id": f"x{place}", "encounter": encounter})
        given += [{**one, **own, "id": f"{one['id']}-{place}"} for one in (STAY, OUTPATIENT)]
    rows = read_all(tmp_path, *given, only="drug_exposures").of("drug_exposures")
    found = [rows[f"MedicationRequest/x{place}"] for place in range(len(ORDERS))]
    assert [(order, row["end_date"], row["end_type"]) for (order, *_), row in zip(ORDERS, found, strict=True)] == ORDERS


def stopped(reason: Resource | None, status: str = "stopped") -> Resource:
    return bounds(boundsPeriod={"end": "2024-03-01"}) | {"status": status, "statusReason": reason}


def coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": "urn:x", "code": "y"}, {"system": system, "code": code}], "text": "Other words"}


ICD = "http://hl7.org/fhir/sid/icd-10-cm"


REASONS: list[tuple[Resource, str | None]] = [
    (stopped(None), None),
    (stopped(coded("http://snomed.info/sct", "197354009")), "hepatotoxicity"),
    (stopped(coded(ICD, "K71.6")), "hepatotoxicity"),
    (stopped(coded(ICD, "R74.01")), "abnormal_lft"),
    (stopped(coded(ICD, "R94.5")), "abnormal_lft"),
    (stopped(coded(ICD, "K72.0")), "other words"),
    (stopped({"coding": [{"code": "sintol", "display": "Intolerance to drug"}]}), "intolerance to drug"),
    (stopped({"coding": [{"code": "SINTOL"}]}), "sintol"),
    (stopped({"text": "Hepatotoxicity"}), "hepatotoxicity"),
    (stopped({"text": "Drug-induced liver injury"}), "hepatotoxicity"),
    (stopped({"text": "suspected DILI"}), "hepatotoxicity"),
    (stopped({"text": "abnormal LFTs"}), "abnormal_lft"),
    (stopped({"text": "Raised ALT 240"}), "abnormal_lft"),
    (stopped({"text": "liver function tests deranged"}), "abnormal_lft"),
    (stopped({"text": "elevated liver enzymes"}), "abnormal_lft"),
    (stopped({"text": "transaminitis"}), "abnormal_lft"),
    (stopped({"text": "No hepatotoxicity, remission"}), "no hepatotoxicity, remission"),
    (stopped({"text": "Patient's choice"}), "patient's choice"),
    (stopped({"text": "raised salt intake"}), "raised salt intake"),
    (stopped({"text": "DILI"}, "active"), None),
    (stopped({"text": "DILI"}, "on-hold"), "hepatotoxicity"),
]


def test_the_reason_for_stopping(tmp_path: Path) -> None:
    rows = exposures(tmp_path, *(order for order, _ in REASONS))
    assert [row["stop_reason"] for row in rows] == [reason for _, reason in REASONS]


STRANGER = {"system": "urn:x", "code": "L1"}


DRUGS: list[tuple[Resource | None, str | None, str | None]] = [
    (AZATHIOPRINE, "RxNorm", "197388"),
    ({"coding": [STRANGER, *AZATHIOPRINE["coding"]]}, "RxNorm", "197388"),
    ({"coding": [{"system": "http://www.whocc.no/atc", "code": "L04AX01"}]}, "ATC", "L04AX01"),
    ({"coding": [{"system": "http://www.whocc.no/atc", "code": "H02AB99"}]}, "ATC", "H02AB99"),
    ({"text": "Azathioprine 50 MG"}, "name", "Azathioprine 50 MG"),
    ({"text": "  "}, "name", None),
    # A code that no list knows, of a drug that the rule for names does: the name, for the drug must not be lost.
    ({"coding": [STRANGER | {"display": "Imuran 50 mg tablets"}]}, "name", "Imuran 50 mg tablets"),
    ({"coding": [STRANGER | {"display": "Tablets"}], "text": "azaTHIOprine"}, "name", "azaTHIOprine"),
    ({"coding": [STRANGER | {"display": "Imuran"}], "text": "azathioprine desensitization"}, "name", "Imuran"),
    ({"coding": [STRANGER], "text": "azathioprine desensitization"}, "name", "azathioprine desensitization"),
    ({"coding": [STRANGER, {"system": RXNORM, "code": "5640"}], "text": "Ibuprofen"}, "RxNorm", "5640"),
    ({"coding": [STRANGER], "text": "Ibuprofen"}, "urn:x", "L1"),
    ({"coding": [{"display": "Ibuprofen"}]}, "name", "Ibuprofen"),
    ({"text": "Ibuprofen"}, "name", "Ibuprofen"),
    (None, None, None),
]


def test_the_drug(tmp_path: Path) -> None:
    rows = exposures(tmp_path, *({"medicationCodeableConcept": drug} for drug, *_ in DRUGS))
    assert [(drug, row["vocabulary"], row["code"]) for (drug, *_), row in zip(DRUGS, rows, strict=True)] == DRUGS


STRENGTH = {"numerator": {"value": 25, "unit": "mg"}, "denominator": {"value": 1, "unit": "tablet"}}


ELSEWHERE = {
    "resourceType": "Medication",
    "id": "aza",
    "code": {"text": "Azathioprine"},
    "ingredient": [{"strength": STRENGTH}],
}


def test_a_medication_may_stand_elsewhere(tmp_path: Path) -> None:
    two = {"dosageInstruction": [{"text": "2 tablets daily"}], "medicationCodeableConcept": None}
    inside = {"resourceType": "Medication", "id": "in", "code": AZATHIOPRINE}
    given = [
        two | {"medicationReference": {"reference": "Medication/aza"}},
        two | {"medicationReference": {"reference": "#in"}, "contained": [{"id": "other"}, inside]},
        two | {"medicationReference": {"reference": "Medication/nocode"}},
        two | {"medicationReference": {"reference": "Medication/nowhere"}},
        two | {"medicationReference": {"reference": "#nowhere"}, "contained": [inside]},
    ]
    newer = ELSEWHERE | {"meta": {"lastUpdated": "2024-01-01T00:00:00Z"}}
    wrong = {"resourceType": "Medication", "id": "aza", "code": {"text": "Ibuprofen"}}
    item = {"itemCodeableConcept": {"text": "Imuran"}, "strength": STRENGTH}
    uncoded = {"resourceType": "Medication", "id": "nocode", "ingredient": [item]}
    rows = exposures(tmp_path, *given, others=[newer, wrong, uncoded])
    assert [(row["vocabulary"], row["code"], row["daily_dose_mg"]) for row in rows] == [
        ("name", "Azathioprine", 50),
        ("RxNorm", "197388", 100),
        ("name", "Imuran", 50),
        (None, None, None),
        (None, None, None),
    ]


def all_of(patient: str, *resources: Resource) -> list[Resource]:
    return [
        {**one, "id": f"{one['resourceType']}-{patient}", "subject": {"reference": f"Patient/{patient}"}}
        for one in resources
    ]


def taken(found: Read) -> dict[str, set[str]]:
    """Return the types that exposures come of, by patient."""
    kinds: dict[str, set[str]] = {}
    for row in found.tables["drug_exposures"]:
        kinds.setdefault(row["patient_id"], set()).add(row["exposure_id"].split("/")[0])
    return kinds


def test_one_tablet_counts_once(tmp_path: Path) -> None:
    other = {"medicationCodeableConcept": {"text": "Prednisone"}}
    found = read_all(
        tmp_path,
        *all_of("a", ORDER, DISPENSE, STATEMENT, ADMINISTRATION),
        *all_of("b", DISPENSE, STATEMENT, ADMINISTRATION),
        *all_of("c", STATEMENT | {"medicationCodeableConcept": {"text": "azathioprine"}}, ADMINISTRATION),
        *all_of("d", ADMINISTRATION),
        *all_of("e", ORDER, STATEMENT | other),  # another drug
        *all_of("f", ORDER | {"status": "stopped"}, DISPENSE),  # an order without an end tells nothing
        *all_of("g", ORDER | {"status": "draft"}, DISPENSE),
        *all_of("h", ORDER | {"authoredOn": "2024"}, STATEMENT),
        *all_of("i", ORDER | {"status": "stopped"}, STATEMENT),
        only="drug_exposures",
    )
    request, dispense, statement = "MedicationRequest", "MedicationDispense", "MedicationStatement"
    assert taken(found) == {
        "p1": {request},
        "a": {request},
        "b": {dispense},
        "c": {
            statement,
            "MedicationAdministration",
        },  # a dose that was given is no report, nor is a report of months a dose
        "d": {"MedicationAdministration"},
        "e": {request, statement},
        "f": {dispense},
        "g": {dispense},
        "h": {request, statement},
        "i": {statement},
    }
    assert found.went(dispense) == {"carried": 3, "seen_as_MedicationRequest": 1}
    assert found.went("MedicationAdministration") == {
        "carried": 2,
        "seen_as_MedicationRequest": 1,
        "seen_as_MedicationDispense": 1,
    }


def test_a_record_counts_outside_the_days_of_a_better_one(tmp_path: Path) -> None:
    ended = ORDER | bounds(boundsPeriod={"start": "2024-01-01", "end": "2024-03-01"})
    supplied = ORDER | {"dispenseRequest": {"expectedSupplyDuration": DAYS}}
    backwards = ORDER | bounds(boundsPeriod={"start": "2024-03-01", "end": "2024-02-01"})
    days = ("2023-12-31", "2024-01-01", "2024-01-30", "2024-01-31", "2024-03-01", "2024-03-02")

    def handed(patient: str) -> list[Resource]:
        return [{**all_of(patient, DISPENSE)[0], "id": f"{patient}{day}", "whenHandedOver": day} for day in days]

    orders = {"ended": ended, "supplied": supplied, "open": ORDER, "backwards": backwards, "far": supplied}
    orders["far"] = ORDER | {"authoredOn": "2123-01-01"}
    given = [one for name, order in orders.items() for one in (*all_of(name, order), *handed(name))]
    found = read_all(tmp_path, *given, as_of=date(2024, 6, 1), only="drug_exposures")
    kept = {
        name: [day for day in days if f"MedicationDispense/{name}{day}" in found.of("drug_exposures")]
        for name in orders
    }
    assert kept == {
        "ended": ["2023-12-31", "2024-03-02"],
        "supplied": ["2023-12-31", "2024-01-31", "2024-03-01", "2024-03-02"],
        "open": ["2023-12-31"],
        "backwards": list(days),
        "far": list(days),
    }


def test_an_order_that_carries_out_another_counts_once(tmp_path: Path) -> None:
    def on(name: str, *parents: str, **more: object) -> Resource:
        return {**ORDER, "id": name, "basedOn": [{"reference": one} for one in parents], **more}

    ended = bounds(boundsPeriod={"start": "2024-01-01", "end": "2024-03-01"})
    plan = "CarePlan/c"
    found = read_all(
        tmp_path,
        on("parent", plan, **ended),
        on("filler", plan, "MedicationRequest/parent", intent="filler-order", authoredOn="2024-02-01"),
        on("again", "MedicationRequest/parent", authoredOn="2024-05-01"),  # begins after the parent has ended
        on("lost", "MedicationRequest/nowhere"),
        on("draft", status="draft"),
        on("of_draft", "MedicationRequest/draft"),
        on("other", "MedicationRequest/parent", medicationCodeableConcept={"text": "Prednisone"}),
        on("stranger", "MedicationRequest/parent", subject={"reference": "Patient/p3"}),
        on("one", "MedicationRequest/two"),
        on("two", "MedicationRequest/one"),
        # A dispense that only the filler would cover stays.
        {**DISPENSE, "subject": {"reference": "Patient/p4"}, "whenHandedOver": "2024-04-01"},
        {**on("parent4", **ended), "subject": {"reference": "Patient/p4"}},
        {**on("filler4", "MedicationRequest/parent4"), "subject": {"reference": "Patient/p4"}},
        only="drug_exposures",
    )
    kept = {name.removeprefix("MedicationRequest/") for name in found.of("drug_exposures")}
    expected = {"base", "parent", "again", "lost", "of_draft", "other", "stranger", "one", "two", "parent4"}
    assert kept == {*expected, "MedicationDispense/x"}
    assert found.went("MedicationRequest") == {"carried": 10, "seen_as_based_on": 2, "draft_order": 1}


def test_an_order_that_is_not_yet_known_hides_nothing(tmp_path: Path) -> None:
    later = ORDER | {"authoredOn": "2024-03-01"} | bounds(boundsPeriod={"start": "2024-01-01"})
    given = all_of("a", later, DISPENSE)
    assert taken(read_all(tmp_path, *given, as_of=date(2024, 2, 1), only="drug_exposures"))["a"] == {
        "MedicationRequest",
        "MedicationDispense",
    }
    assert taken(read_all(tmp_path / "after", *given, as_of=date(2024, 3, 1), only="drug_exposures"))["a"] == {
        "MedicationRequest"
    }


def version(updated: str, **change: object) -> Resource:
    return {**ORDER, "id": "x", "meta": {"lastUpdated": updated}, **change}


@pytest.mark.parametrize(
    ("as_of", "counts"),
    [(None, {"older_version": 1, "entered_in_error": 1}), (date(2024, 4, 1), {"carried": 1, "entered_in_error": 1})],
)
def test_an_order_that_was_taken_back_does_not_come_back(tmp_path: Path, as_of: date | None, counts: Resource) -> None:
    old, new = version("2024-01-02T00:00:00Z"), version("2024-04-02T00:00:00Z", status="entered-in-error")
    found = read_all(tmp_path, new, old, as_of=as_of, only="drug_exposures").went("MedicationRequest")
    assert found | {"carried": found["carried"] - 1} == {"carried": 0, **counts}


def test_the_latest_version_of_an_order_decides(tmp_path: Path) -> None:
    end = bounds(boundsPeriod={"start": "2024-01-01", "end": "2024-03-01"})
    found = read_all(
        tmp_path,
        version("2024-01-02T00:00:00Z"),
        version("2024-03-02T00:00:00Z", status="stopped", **end),
        only="drug_exposures",
    )
    row = found.of("drug_exposures")["MedicationRequest/x"]
    assert (row["end_date"], row["recorded_at"]) == ("2024-03-01", "2024-03-02T00:00:00Z")
    assert found.went("MedicationRequest") == {"carried": 2, "older_version": 1}


def test_versions_of_one_time_that_contradict_each_other_are_rejected(tmp_path: Path) -> None:
    time = "2024-01-02T00:00:00Z"
    found = read_all(tmp_path, version(time), version(time, status="entered-in-error"), only="drug_exposures")
    assert found.went("MedicationRequest") == {"carried": 1, "conflicting_versions": 2}


def test_two_listed_codes_of_two_drugs_are_rejected(tmp_path: Path) -> None:
    both = {"coding": [*AZATHIOPRINE["coding"], {"system": "http://www.whocc.no/atc", "code": "M04AA01"}]}
    found = read_all(tmp_path, {**ORDER, "id": "x", "medicationCodeableConcept": both}, only="drug_exposures")
    assert found.went("MedicationRequest") == {"carried": 1, "contradicting_codes": 1}


LENGTHS: list[tuple[Resource, int | None]] = [
    ({"dosageInstruction": [{"text": "1 tablet daily for 28 days"}]}, 28),
    ({"dosageInstruction": [{"text": "1 tablet daily for 400 days"}]}, 400),
    ({"dosageInstruction": [{"text": "1 tablet daily for 401 days"}]}, None),
    ({"dosageInstruction": [{"text": "1 tablet daily"}]}, None),
    # What is counted comes first, and no repeat multiplies a length in words.
    (
        {
            "dosageInstruction": [{"text": "1 tablet daily for 28 days"}],
            "dispenseRequest": {"expectedSupplyDuration": DAYS},
        },
        30,
    ),
    (
        {
            "dosageInstruction": [{"text": "1 tablet daily for 28 days"}],
            "dispenseRequest": {"numberOfRepeatsAllowed": 2},
        },
        28,
    ),
    # Two instructions for different times have no one length.
    ({"dosageInstruction": [{"text": "1 tablet daily for 28 days"}, {"text": "1 tablet daily for 14 days"}]}, None),
]


def test_a_length_in_the_text_of_an_order(tmp_path: Path) -> None:
    rows = exposures(tmp_path, *(order for order, _ in LENGTHS))
    assert [(order, row["days_supply"]) for (order, _), row in zip(LENGTHS, rows, strict=True)] == LENGTHS
    assert [(row["end_date"], row["length_basis"]) for row in rows] == [(None, None)] * len(LENGTHS)
    assert [row["end_type"] for row in rows] == ["ongoing" if days is None else "supply" for _, days in LENGTHS]
