"""MedicationRequest, -Dispense, -Statement, -Administration -> drug_exposures: which record, which drug, which days."""

from datetime import date
from pathlib import Path

import pytest

from tests.sources.fhir.bulk import (
    AZATHIOPRINE,
    ENCOUNTER,
    RXNORM,
    SUBJECT,
    UCUM,
    Read,
    Resource,
    exposures,
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


def test_an_order_comes_over_whole(tmp_path: Path) -> None:
    dosage = {
        "timing": {"repeat": {"boundsPeriod": {"start": "2024-01-03"}, "frequency": 2, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 25, "unit": "mg", "system": UCUM, "code": "mg"}}],
        "route": {"coding": [{"display": "Oral route"}]},
    }
    [row] = exposures(tmp_path, {"dosageInstruction": [dosage], "dispenseRequest": {"expectedSupplyDuration": DAYS}})
    assert {name: value for name, value in row.items() if name != "row_number"} == {
        "exposure_id": "MedicationRequest/m0",
        "patient_id": "q0",
        "vocabulary": "RxNorm",
        "code": "197388",
        "start_date": "2024-01-03",
        "end_date": None,
        "days_supply": 30,
        "daily_dose_mg": 50,
        "frequency": "BID",
        "end_type": "supply",
        "stop_reason": None,
        "route": "oral route",
        "recorded_at": "2024-01-01",
        "dose_note": None,
        "dosage_text": None,
        "length_basis": None,
    }


ORDERS: list[tuple[Resource, tuple[str | None, str | None, float | None, str | None]]] = [
    # what the order says: start, end, days of supply, type of end
    ({}, ("2024-01-01", None, None, "ongoing")),
    (
        bounds(boundsPeriod={"start": "2024-02-01", "end": "2024-03-01"}) | {"status": "on-hold"},
        ("2024-02-01", "2024-03-01", None, "explicit"),
    ),
    ({"authoredOn": "2024-01"}, ("2024-01", None, None, "ongoing")),
    ({"authoredOn": None}, (None, None, None, "ongoing")),
    (bounds(boundsPeriod={"start": "2024-02-01", "end": "2024-03-01"}), ("2024-02-01", "2024-03-01", None, None)),
    (bounds(boundsPeriod={"start": "2024-01"}) | {"authoredOn": "2024-01-05"}, ("2024-01-05", None, None, "ongoing")),
    (bounds(boundsPeriod={"start": "2023"}) | {"authoredOn": "2024-01-05"}, ("2023", None, None, "ongoing")),
    (
        bounds(boundsPeriod={"start": "2024-02-01", "end": "2024-03-01"}) | {"status": "stopped"},
        ("2024-02-01", "2024-03-01", None, "explicit"),
    ),
    (
        bounds(boundsPeriod={"start": "2024-02-01", "end": "2024-03-01"}) | {"status": "completed"},
        ("2024-02-01", "2024-03-01", None, None),
    ),
    (bounds(boundsDuration={"value": 14, "unit": "days"}), ("2024-01-01", "2024-01-14", None, None)),
    (bounds(boundsDuration={"value": 2, "code": "wk"}), ("2024-01-01", "2024-01-14", None, None)),
    (bounds(boundsDuration={"value": 2, "code": "parsec"}), ("2024-01-01", None, None, "ongoing")),
    (
        {"dispenseRequest": {"validityPeriod": {"start": "2024-01-09", "end": "2025-01-01"}}},
        ("2024-01-09", None, None, "ongoing"),  # how long a prescription may be filled is no last dose
    ),
    ({"dispenseRequest": {"expectedSupplyDuration": DAYS}}, ("2024-01-01", None, 30, "supply")),
    (
        {"dispenseRequest": {"expectedSupplyDuration": DAYS, "numberOfRepeatsAllowed": 2}},
        ("2024-01-01", "2024-03-30", 30, "supply"),
    ),
    (
        {"dispenseRequest": {"expectedSupplyDuration": {"value": 1, "unit": "month"}}},
        ("2024-01-01", None, 30, "supply"),
    ),
    ({"dispenseRequest": {"expectedSupplyDuration": {"value": 0, "code": "d"}}}, ("2024-01-01", None, None, "ongoing")),
    (
        {"dispenseRequest": {"expectedSupplyDuration": DAYS, "numberOfRepeatsAllowed": 2147483647}},
        ("2024-01-01", None, 30, "supply"),  # without limit, as some write it
    ),
    (
        {"status": "completed", "dispenseRequest": {"expectedSupplyDuration": DAYS, "numberOfRepeatsAllowed": 2}},
        ("2024-01-01", "2024-03-30", 30, "supply"),
    ),
    (
        {"status": "unknown", "dispenseRequest": {"expectedSupplyDuration": DAYS}},
        ("2024-01-01", None, 30, "supply"),
    ),
    (
        bounds(boundsPeriod={"start": "2024-01-01", "end": "2024-01-30"})
        | {"status": "completed", "dispenseRequest": {"expectedSupplyDuration": DAYS}},
        ("2024-01-01", "2024-01-30", 30, "supply"),
    ),
    (
        bounds(boundsPeriod={"start": "2024-01-01", "end": "2024-01-20"})
        | {"status": "completed", "dispenseRequest": {"expectedSupplyDuration": DAYS}},
        ("2024-01-01", "2024-01-20", 30, None),
    ),
    ({"intent": "instance-order", "status": "completed"}, ("2024-01-01", "2024-01-01", None, None)),  # one occasion
    (
        {"intent": "instance-order", "status": "completed", "dispenseRequest": {"expectedSupplyDuration": DAYS}},
        ("2024-01-01", None, 30, "supply"),
    ),
]


def test_the_days_of_an_order(tmp_path: Path) -> None:
    rows = exposures(tmp_path, *(order for order, _ in ORDERS))
    found = [tuple(row[name] for name in ("start_date", "end_date", "days_supply", "end_type")) for row in rows]
    assert found == [days for _, days in ORDERS]


def tablets(count: float, dose: Resource, strength: bool = True, **timing: object) -> Resource:
    repeat = {"frequency": 1, "period": 1, "periodUnit": "d", **timing}
    order = {
        "dosageInstruction": [{"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": dose}]}],
        "dispenseRequest": {"quantity": {"value": count, "unit": "tablets"}},
    }
    return order if strength else order | {"medicationCodeableConcept": {"text": "Imuran"}}


SUPPLIES: list[tuple[Resource, float | None]] = [
    (tablets(90, {"value": 2, "unit": "tablet"}), 45),
    (tablets(91, {"value": 2, "unit": "tablet"}, strength=False), 45),
    (tablets(90, {"value": 100, "unit": "mg"}), 45),
    (tablets(90, {"value": 100, "unit": "mg"}, strength=False), None),
    (tablets(30, {"value": 1, "unit": "tablet"}, period=2), 60),
    (tablets(1, {"value": 2, "unit": "tablet"}), None),
    (tablets(0, {"value": 2, "unit": "tablet"}), None),
    (tablets(30, {"value": 1}), None),
    ({"dispenseRequest": {"quantity": {"value": 30, "unit": "tablets"}}}, None),
    (
        tablets(30, {"value": 1, "unit": "tablet"}) | {"dispenseRequest": {"quantity": {"value": 30, "unit": "mL"}}},
        None,
    ),
]


def test_the_days_that_an_amount_lasts(tmp_path: Path) -> None:
    rows = exposures(tmp_path, *(order for order, _ in SUPPLIES))
    assert [row["days_supply"] for row in rows] == [days for _, days in SUPPLIES]


def test_an_order_that_ended_on_an_unknown_day_is_rejected_where_the_drug_may_be_asked(tmp_path: Path) -> None:
    unlisted = {"coding": [{"system": RXNORM, "code": "1"}], "text": "Ibuprofen"}
    given = [
        {"status": "stopped"},
        {"status": "completed"},
        {"status": "stopped", "medicationCodeableConcept": {"text": "Azathioprine 50 mg"}},
        {"status": "stopped", "medicationCodeableConcept": {"text": "azathioprine desensitization"}},
        {"status": "stopped", "medicationCodeableConcept": unlisted},
        {"status": "completed", "medicationCodeableConcept": {"text": "Ibuprofen"}},
    ]
    orders = [{**ORDER, "id": f"m{n}", **one} for n, one in enumerate(given)]
    found = read_all(tmp_path, *orders)
    assert [one["source_id"] for one in found.rejects] == [f"MedicationRequest/m{n}" for n in range(4)]
    assert found.went("MedicationRequest") == {"carried": 3, "ended_on_unknown_day": 4}


def test_no_end_is_made_up_for_an_order_that_is_not_active(tmp_path: Path) -> None:
    supply = {"dispenseRequest": {"expectedSupplyDuration": DAYS, "numberOfRepeatsAllowed": 5}}
    planned = bounds(boundsDuration={"value": 90, "unit": "days"})
    end = bounds(boundsPeriod={"start": "2024-01-01", "end": "2024-03-01"})
    early, same = {"meta": {"lastUpdated": "2024-02-29T10:00:00Z"}}, {"meta": {"lastUpdated": "2024-03-01T10:00:00Z"}}
    day_5 = {"meta": {"lastUpdated": "2024-01-05T10:00:00Z"}}
    states: list[Resource] = [{"status": status} for status in ("stopped", "on-hold", "completed", "unknown")]
    stopped, held, completed, unknown = states
    rejected = [stopped | supply, stopped | planned, held, held | supply, held | planned, unknown, {"status": None}]
    rejected += [one | end | early for one in (stopped, held, completed)]
    rejected += [completed | supply | day_5, completed | supply | same, completed | planned | day_5]
    rejected += [stopped | {**INPATIENT, "encounter": {"reference": "Encounter/e1"}}]
    kept = [one | end | same for one in (stopped, held, completed, unknown)]
    all_taken = {"meta": {"lastUpdated": "2024-06-28T10:00:00Z"}}
    kept += [completed | supply | all_taken, unknown | end | early, {"status": "active"} | end | early]
    given = [{**ORDER, "id": f"m{n}", **one} for n, one in enumerate([*rejected, *kept])]
    found = read_all(tmp_path, *given, STAY)
    assert {one["source_id"] for one in found.rejects} == {f"MedicationRequest/m{n}" for n in range(len(rejected))}
    assert found.went("MedicationRequest") == {"carried": 1 + len(kept), "ended_on_unknown_day": len(rejected)}


ORDER: Resource = {
    "resourceType": "MedicationRequest",
    "status": "active",
    "intent": "order",
    "subject": {"reference": "Patient/p2"},
    "medicationCodeableConcept": AZATHIOPRINE,
    "authoredOn": "2024-01-01",
}


def test_a_statement_that_runs_on_covers_no_break_between_orders(tmp_path: Path) -> None:
    of = {"subject": {"reference": "Patient/p2"}}
    orders = [
        {**ORDER, "id": f"o{n}", **bounds(boundsPeriod={"start": start, "end": end})}
        for n, (start, end) in enumerate([("2024-01-01", "2024-02-01"), ("2024-06-01", "2024-07-01")])
    ]
    open_before = {**STATEMENT, **of, "id": "s", "effectivePeriod": {"start": "2023-06-01"}}
    ended_before = {**STATEMENT, **of, "id": "t", "effectivePeriod": {"start": "2023-01-01", "end": "2023-05-01"}}
    found = read_all(tmp_path, *orders, open_before, ended_before)
    assert found.went("MedicationRequest") == {"carried": 3}  # with the one of the base patient
    assert found.went("MedicationStatement") == {"seen_as_MedicationRequest": 1, "carried": 1}


def reported(name: str, start: str, end: str | None = None, **more: object) -> Resource:
    period = {"start": start} | ({"end": end} if end else {})
    return {**ORDER, "id": name, "reportedBoolean": True, **bounds(boundsPeriod=period), **more}


def test_an_order_that_is_only_a_report_is_one(tmp_path: Path) -> None:
    def of(patient: str, *given: Resource) -> list[Resource]:
        return [{**one, "id": f"{patient}{one['id']}", "subject": {"reference": f"Patient/{patient}"}} for one in given]

    orders = [
        {**ORDER, "id": f"o{n}", **bounds(boundsPeriod={"start": start, "end": end})}
        for n, (start, end) in enumerate([("2024-01-01", "2024-02-01"), ("2024-06-01", "2024-07-01")])
    ]
    source = {"reportedBoolean": None, "reportedReference": {"reference": "Patient/p2"}}
    unnamed = {"reportedBoolean": None, "reportedReference": {"display": "the mother"}}
    nobody = {"reportedBoolean": None, "reportedReference": {}}
    told: dict[str, tuple[Resource, bool]] = {
        "open": (reported("r", "2023-06-01"), False),
        "between": (reported("r", "2024-03-01"), False),
        "over": (reported("r", "2023-06-01", "2024-12-31"), False),
        "same": (reported("r", "2024-01-01", "2024-02-01"), False),
        "named": (reported("r", "2024-01-01", "2024-02-01", **source), False),
        "told by words": (reported("r", "2024-01-01", "2024-02-01", **unnamed), False),
        "told by nobody": (reported("r", "2024-01-01", "2024-02-01", **nobody), True),
        "brand": (reported("r", "2024-01-01", "2024-02-01", medicationCodeableConcept={"text": "Imuran"}), False),
        "before": (reported("r", "2023-01-01", "2023-05-01"), True),
        "after": (reported("r", "2024-08-01"), True),
        "in the break": (reported("r", "2024-03-01", "2024-03-31"), True),
        "no report": (reported("r", "2024-01-01", "2024-02-01", reportedBoolean=False), True),
        "other drug": (reported("r", "2024-01-01", medicationCodeableConcept={"text": "Prednisone"}), True),
    }
    given = [one for name, (report, _) in told.items() for one in of(name.replace(" ", "-"), *orders, report)]
    alone = of("alone", reported("r", "2024-01-01", dispenseRequest={"expectedSupplyDuration": DAYS}))
    kept = read_all(tmp_path, *given, *alone).of("drug_exposures")
    found = {name: f"MedicationRequest/{name.replace(' ', '-')}r" in kept for name in told}
    assert found == {name: is_kept for name, (_, is_kept) in told.items()}
    assert "MedicationRequest/aloner" in kept


def went(tmp_path: Path, kind: str, *changes: Resource) -> dict[str, int]:
    base = {"MedicationRequest": ORDER, DISPENSE["resourceType"]: DISPENSE, STATEMENT["resourceType"]: STATEMENT}[kind]
    given = [{**base, "id": f"x{n}", "subject": {"reference": f"Patient/q{n}"}, **one} for n, one in enumerate(changes)]
    counts = read_all(tmp_path, *given).went(kind)
    return counts | {"carried": counts["carried"] - (kind == "MedicationRequest")}


def test_what_is_no_order_is_left_out(tmp_path: Path) -> None:
    states = [{"status": status} for status in ("draft", "cancelled", "entered-in-error", "active", "unknown")]
    intents = [{"intent": intent} for intent in ("proposal", "plan", "option", "original-order", "filler-order")]
    assert went(tmp_path, "MedicationRequest", *states, *intents, {"doNotPerform": True}) == {
        "draft_order": 1,
        "cancelled_order": 1,
        "entered_in_error": 1,
        "not_an_order": 3,
        "do_not_perform": 1,
        "carried": 3,
        "ended_on_unknown_day": 1,
    }


def test_what_was_not_handed_over_is_left_out(tmp_path: Path) -> None:
    states = (
        "preparation",
        "in-progress",
        "cancelled",
        "on-hold",
        "declined",
        "entered-in-error",
        "completed",
        "stopped",
    )
    given = [{"status": status} for status in states]
    assert went(tmp_path, "MedicationDispense", *given, {"daysSupply": None}) == {
        "not_handed_over": 5,
        "entered_in_error": 1,
        "carried": 2,
        "unknown_supply": 1,
    }


def test_what_was_not_taken_is_left_out(tmp_path: Path) -> None:
    given = [{"status": status} for status in ("not-taken", "intended", "entered-in-error", "active", "on-hold")]
    assert went(tmp_path, "MedicationStatement", *given, {"status": "completed"}) == {
        "not_taken": 1,
        "intended": 1,
        "entered_in_error": 1,
        "carried": 1,
        "ended_on_unknown_day": 2,
    }


def only(tmp_path: Path, resource: Resource, *others: Resource) -> Resource:
    given = {**resource, "subject": {"reference": "Patient/p2"}}
    return read_all(tmp_path, given, *others).of("drug_exposures")[f"{resource['resourceType']}/x"]


def test_a_dispense(tmp_path: Path) -> None:
    row = only(tmp_path, DISPENSE | {"whenPrepared": "2024-01-04", "daysSupply": {"value": 28}})
    found = [row[name] for name in ("exposure_id", "start_date", "end_date", "days_supply", "end_type", "recorded_at")]
    assert found == ["MedicationDispense/x", "2024-01-05", None, 28, "supply", "2024-01-05"]
    assert (
        only(tmp_path / "stopped", DISPENSE | {"status": "stopped"})["end_type"] == "supply"
    )  # the parcel, not the drug
    counted = {
        "daysSupply": None,
        "quantity": {"value": 60, "unit": "tablet"},
        "dosageInstruction": [{"text": "2 tablets daily"}],
    }
    row = only(tmp_path / "counted", DISPENSE | counted)
    assert (row["days_supply"], row["daily_dose_mg"]) == (30, 100)


def test_a_statement(tmp_path: Path) -> None:
    row = only(tmp_path, STATEMENT)
    found = [row[name] for name in ("start_date", "end_date", "end_type", "recorded_at")]
    assert found == ["2024-01-06", None, "ongoing", "2024-01-10"]
    ended = {"status": "completed", "effectivePeriod": {"start": "2024-01-06", "end": "2024-02-01"}}
    row = only(tmp_path / "ended", STATEMENT | ended | {"statusReason": [{"text": "DILI"}]})
    assert [row[name] for name in ("end_date", "end_type", "stop_reason")] == [
        "2024-02-01",
        "explicit",
        "hepatotoxicity",
    ]
    row = only(tmp_path / "one_day", {**STATEMENT, "effectivePeriod": None, "effectiveDateTime": "2024-01-08"})
    assert (row["start_date"], row["end_date"]) == ("2024-01-08", None)


def test_an_administration_is_one_day_with_its_dose(tmp_path: Path) -> None:
    row = only(tmp_path, ADMINISTRATION)
    found = [row[name] for name in ("start_date", "end_date", "daily_dose_mg", "frequency", "end_type", "route")]
    assert found == ["2024-01-07T08:00:00Z", "2024-01-07T08:00:00Z", 50, None, None, "oral"]
    given = [ADMINISTRATION | {"id": state, "status": state} for state in ("not-done", "on-hold", "entered-in-error")]
    counts = read_all(tmp_path / "states", *given).went("MedicationAdministration")
    assert counts == {"not_done": 1, "on_hold": 1, "entered_in_error": 1}
    in_stay = {"context": {"reference": "Encounter/e1"}, "effectiveDateTime": "2024-02-08T08:00:00Z"}
    assert only(tmp_path / "stay", ADMINISTRATION | in_stay, STAY)["end_type"] == "discharge"
    stopped = only(tmp_path / "stopped", ADMINISTRATION | {"status": "stopped"})
    assert stopped["end_type"] is None  # one infusion that was broken off stops no course


STAY = {**ENCOUNTER, "subject": {"reference": "Patient/p2"}}
OUTPATIENT = {**STAY, "id": "amb", "class": {"code": "AMB"}}
INPATIENT = {"category": [{"coding": [{"code": "inpatient"}]}]}


def ordered(end: str | None, encounter: str = "e1", **more: object) -> Resource:
    period = {"start": "2024-02-05", **({"end": end} if end else {})}
    return {
        **ORDER,
        "id": "x",
        "encounter": {"reference": f"Encounter/{encounter}"},
        **bounds(boundsPeriod=period),
        **more,
    }


@pytest.mark.parametrize(
    ("order", "end", "kind"),
    [
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
    ],
)
def test_an_order_of_a_stay_that_ends_with_it(tmp_path: Path, order: Resource, end: str | None, kind: str) -> None:
    row = only(tmp_path, order, STAY, OUTPATIENT)
    assert (row["end_date"], row["end_type"]) == (end, kind)


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
    found = read_all(tmp_path, *given, as_of=date(2024, 6, 1))
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
    )
    kept = {name.removeprefix("MedicationRequest/") for name in found.of("drug_exposures")}
    expected = {"base", "parent", "again", "lost", "of_draft", "other", "stranger", "one", "two", "parent4"}
    assert kept == {*expected, "MedicationDispense/x"}
    assert found.went("MedicationRequest") == {"carried": 10, "seen_as_based_on": 2, "draft_order": 1}


def test_an_order_that_is_not_yet_known_hides_nothing(tmp_path: Path) -> None:
    later = ORDER | {"authoredOn": "2024-03-01"} | bounds(boundsPeriod={"start": "2024-01-01"})
    given = all_of("a", later, DISPENSE)
    assert taken(read_all(tmp_path, *given, as_of=date(2024, 2, 1)))["a"] == {"MedicationRequest", "MedicationDispense"}
    assert taken(read_all(tmp_path / "after", *given, as_of=date(2024, 3, 1)))["a"] == {"MedicationRequest"}


def version(updated: str, **change: object) -> Resource:
    return {**ORDER, "id": "x", "meta": {"lastUpdated": updated}, **change}


@pytest.mark.parametrize(
    ("as_of", "counts"),
    [(None, {"older_version": 1, "entered_in_error": 1}), (date(2024, 4, 1), {"carried": 1, "entered_in_error": 1})],
)
def test_an_order_that_was_taken_back_does_not_come_back(tmp_path: Path, as_of: date | None, counts: Resource) -> None:
    old, new = version("2024-01-02T00:00:00Z"), version("2024-04-02T00:00:00Z", status="entered-in-error")
    found = read_all(tmp_path, new, old, as_of=as_of).went("MedicationRequest")
    assert found | {"carried": found["carried"] - 1} == {"carried": 0, **counts}


def test_the_latest_version_of_an_order_decides(tmp_path: Path) -> None:
    end = bounds(boundsPeriod={"start": "2024-01-01", "end": "2024-03-01"})
    found = read_all(
        tmp_path, version("2024-01-02T00:00:00Z"), version("2024-03-02T00:00:00Z", status="stopped", **end)
    )
    row = found.of("drug_exposures")["MedicationRequest/x"]
    assert (row["end_date"], row["recorded_at"]) == ("2024-03-01", "2024-03-02T00:00:00Z")
    assert found.went("MedicationRequest") == {"carried": 2, "older_version": 1}


def test_versions_of_one_time_that_contradict_each_other_are_rejected(tmp_path: Path) -> None:
    time = "2024-01-02T00:00:00Z"
    found = read_all(tmp_path, version(time), version(time, status="entered-in-error"))
    assert found.went("MedicationRequest") == {"carried": 1, "conflicting_versions": 2}


def test_two_listed_codes_of_two_drugs_are_rejected(tmp_path: Path) -> None:
    both = {"coding": [*AZATHIOPRINE["coding"], {"system": "http://www.whocc.no/atc", "code": "M04AA01"}]}
    found = read_all(tmp_path, {**ORDER, "id": "x", "medicationCodeableConcept": both})
    assert found.went("MedicationRequest") == {"carried": 1, "contradicting_codes": 1}


@pytest.mark.parametrize(
    ("order", "days"),
    [
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
    ],
)
def test_a_length_in_the_text_of_an_order(order: Resource, days: int | None, tmp_path: Path) -> None:
    [row] = exposures(tmp_path, order)
    assert (row["days_supply"], row["end_date"], row["length_basis"]) == (days, None, None)
    assert row["end_type"] == ("ongoing" if days is None else "supply")
