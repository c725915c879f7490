"""MedicationRequest, -Dispense, -Statement, -Administration -> drug_exposures: which record, which drug, which days."""

from pathlib import Path

from tests.sources.fhir.bulk import (
    RXNORM,
    UCUM,
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
    STATEMENT,
    STAY,
    bounds,
    only,
    tablets,
    went,
)


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
    found = read_all(tmp_path, *orders, only="drug_exposures")
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
    found = read_all(tmp_path, *given, STAY, only="drug_exposures")
    assert {one["source_id"] for one in found.rejects} == {f"MedicationRequest/m{n}" for n in range(len(rejected))}
    assert found.went("MedicationRequest") == {"carried": 1 + len(kept), "ended_on_unknown_day": len(rejected)}


def test_a_statement_that_runs_on_covers_no_break_between_orders(tmp_path: Path) -> None:
    of = {"subject": {"reference": "Patient/p2"}}
    orders = [
        {**ORDER, "id": f"o{n}", **bounds(boundsPeriod={"start": start, "end": end})}
        for n, (start, end) in enumerate([("2024-01-01", "2024-02-01"), ("2024-06-01", "2024-07-01")])
    ]
    open_before = {**STATEMENT, **of, "id": "s", "effectivePeriod": {"start": "2023-06-01"}}
    ended_before = {**STATEMENT, **of, "id": "t", "effectivePeriod": {"start": "2023-01-01", "end": "2023-05-01"}}
    found = read_all(tmp_path, *orders, open_before, ended_before, only="drug_exposures")
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
    kept = read_all(tmp_path, *given, *alone, only="drug_exposures").of("drug_exposures")
    found = {name: f"MedicationRequest/{name.replace(' ', '-')}r" in kept for name in told}
    assert found == {name: is_kept for name, (_, is_kept) in told.items()}
    assert "MedicationRequest/aloner" in kept


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
    counts = read_all(tmp_path / "states", *given, only="drug_exposures").went("MedicationAdministration")
    assert counts == {"not_done": 1, "on_hold": 1, "entered_in_error": 1}
    in_stay = {"context": {"reference": "Encounter/e1"}, "effectiveDateTime": "2024-02-08T08:00:00Z"}
    assert only(tmp_path / "stay", ADMINISTRATION | in_stay, STAY)["end_type"] == "discharge"
    stopped = only(tmp_path / "stopped", ADMINISTRATION | {"status": "stopped"})
    assert stopped["end_type"] is None  # one infusion that was broken off stops no course
