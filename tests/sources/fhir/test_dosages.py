"""Dosage instructions -> milligrams a day and frequency."""

from pathlib import Path
from typing import Any

from tests.sources.fhir.bulk import UCUM, Resource, exposures

MG = {"value": 100, "unit": "mg", "system": UCUM, "code": "mg"}
DAILY = {"frequency": 1, "period": 1, "periodUnit": "d"}


def dosage(dose: Resource | None = MG, code: str | None = None, text: str | None = None, **repeat: Any) -> Resource:
    """Return a dosage: a dose, and a timing by code or by repeat, or a text."""
    timing = {**({"repeat": repeat} if repeat else {}), **({"code": {"coding": [{"code": code}]}} if code else {})}
    return {
        **({"timing": timing} if timing else {}),
        **({"doseAndRate": [{"doseQuantity": dose}]} if dose else {}),
        **({"text": text} if text else {}),
    }


def daily(dose: Resource | None, **more: Any) -> Resource:
    return dosage(dose, **DAILY) | more


CASES: list[tuple[list[Resource], float | None, str | None]] = [
    # how often
    ([dosage(**DAILY)], 100, "QD"),
    ([dosage(frequency=2, period=1, periodUnit="d")], 200, "BID"),
    ([dosage(frequency=3, period=1, periodUnit="d")], 300, "TID"),
    ([dosage(frequency=4, period=1, periodUnit="d")], 400, "QID"),
    ([dosage(frequency=1, period=2, periodUnit="d")], 50, "QOD"),  # every other day
    ([dosage(frequency=1, period=48, periodUnit="h")], 50, "QOD"),
    ([dosage(frequency=1, period=12, periodUnit="h")], 200, "BID"),
    ([dosage(frequency=1, period=1, periodUnit="wk")], 100 / 7, None),
    ([dosage(frequency=3, period=1, periodUnit="wk")], 300 / 7, None),
    ([dosage(frequency=1, period=1, periodUnit="mo")], 100 / 30, None),
    ([dosage(period=1, periodUnit="d")], 100, "QD"),  # no frequency is once
    ([dosage(frequency=1, frequencyMax=2, period=1, periodUnit="d")], None, None),
    ([dosage(frequency=2, frequencyMax=2, period=1, periodUnit="d")], 200, "BID"),
    ([dosage(frequency=1, period=1, periodMax=2, periodUnit="d")], None, None),
    ([dosage(frequency=1)], None, None),
    ([dosage(frequency=1, period=1)], None, None),
    ([dosage(frequency=1, period=0, periodUnit="d")], None, None),
    ([dosage(**DAILY, dayOfWeek=["mon", "wed", "fri"])], 300 / 7, None),
    ([dosage(dayOfWeek=["mon", "wed", "fri"])], 300 / 7, None),
    ([dosage(period=1, periodUnit="wk", dayOfWeek=["mon", "thu"])], 200 / 7, None),
    ([dosage(frequency=2, period=1, periodUnit="wk", dayOfWeek=["mon", "thu"])], 200 / 7, None),
    ([dosage(frequency=1, period=1, periodUnit="wk", dayOfWeek=["mon", "thu"])], None, None),
    ([dosage(frequency=1, period=2, periodUnit="wk", dayOfWeek=["mon"])], None, None),
    ([dosage(frequency=1, period=2, periodUnit="d", dayOfWeek=["mon"])], None, None),
    ([dosage(timeOfDay=["08:00:00", "20:00:00"])], 200, "BID"),
    ([dosage(**DAILY, timeOfDay=["08:00:00"])], 100, "QD"),
    ([dosage(**DAILY, timeOfDay=["08:00:00", "20:00:00"])], None, None),
    ([dosage(period=1, periodUnit="d", when=["MORN", "NIGHT"])], 200, "BID"),
    ([dosage(code="QD")], 100, "QD"),
    ([dosage(code="AM")], 100, "QD"),
    ([dosage(code="QOD")], 50, "QOD"),
    ([dosage(code="BID")], 200, "BID"),
    ([dosage(code="Q8H")], 300, "TID"),
    ([dosage(code="WK")], 100 / 7, None),
    ([dosage(code="C")], None, None),
    ([dosage(code="C", text="100 mg daily")], None, None),
    ([{**dosage(), "timing": {"code": {"text": "every other day"}}}], 50, "QOD"),
    ([dosage(text="in the morning")], 100, "QD"),
    ([dosage(text="take one in the morning")], None, "QD"),  # one of 50 mg is not 100 mg
    ([dosage()], None, None),
    # how much
    ([daily({"value": 0.1, "unit": "g"})], 100, "QD"),
    ([daily({"value": 100000, "unit": "ug", "code": "ug"})], 100, "QD"),
    ([daily({"value": 18, "unit": "mcg"})], 0.018, "QD"),
    ([daily({"value": 2, "unit": "tablets"})], 100, "QD"),  # of 50 mg, as the drug's name says
    ([daily({"value": 0.5, "unit": "{tbl}", "code": "{tbl}"})], 25, "QD"),
    ([daily({"value": 2, "unit": "TAB"})], 100, "QD"),
    ([daily({"value": 100})], None, "QD"),
    ([daily({"value": 2, "unit": "mg/kg"})], None, "QD"),
    ([daily({"value": 5, "unit": "mL"})], None, "QD"),
    ([daily({"value": 5, "unit": "mL"}, text="100 mg")], None, "QD"),
    ([daily({**MG, "comparator": "<"})], None, "QD"),
    ([daily(None, doseAndRate=[{"doseRange": {"low": MG, "high": MG}}])], 100, "QD"),
    ([daily(None, doseAndRate=[{"doseRange": {"low": {**MG, "value": 50}, "high": MG}}])], None, "QD"),
    ([daily(None, doseAndRate=[{"doseQuantity": MG}, {"doseQuantity": MG}])], 100, "QD"),
    ([daily(None, doseAndRate=[{"doseQuantity": MG}, {"doseQuantity": {**MG, "value": 50}}])], None, "QD"),
    ([daily(None, doseAndRate=[{"doseQuantity": MG}, {"doseQuantity": {**MG, "comparator": ">"}}])], None, "QD"),
    ([daily(None, doseAndRate=[{"rateQuantity": {"value": 80, "unit": "mL/h"}}])], None, "QD"),
    ([{"doseAndRate": [{"rateQuantity": {"value": 150, "unit": "mg/d"}}]}], 150, None),
    ([daily(MG, asNeededBoolean=False)], 100, "QD"),
    ([daily(MG, asNeededBoolean=True)], None, "QD"),
    ([daily(MG, asNeededCodeableConcept={"text": "pain"})], None, "QD"),
    # words
    ([{"text": "50 mg twice daily"}], 100, "BID"),
    ([{"patientInstruction": "50 mg every other day"}], 25, "QOD"),
    ([{"text": "2 tablets daily"}], 100, "QD"),
    ([{"text": "take one tablet by mouth daily"}], 50, "QD"),
    ([{"text": "1-2 tablets daily"}], None, None),
    ([{"text": "half a tablet daily"}], 25, "QD"),
    ([{"text": "2 tablets of 50 mg daily"}], 100, "QD"),
    ([{"text": "2 tablets of 25 mg daily"}], None, "QD"),  # the drug's tablets hold 50 mg
    ([{"text": "Take 1 tablet (50 mg total) by mouth 2 (two) times daily"}], 100, "BID"),
    ([{"text": "50/75 mg alternate days"}], 62.5, "QD"),
    ([{"text": "50 mg daily", "patientInstruction": "with food"}], 50, "QD"),
    ([{"text": "with food", "patientInstruction": "50 mg daily"}], 50, "QD"),
    ([{"text": "on hold", "patientInstruction": "50 mg daily"}], None, None),
    ([{"text": " ", "patientInstruction": "50 mg daily"}], 50, "QD"),
    ([daily(None, patientInstruction="take 75 mg")], 75, "QD"),
    ([{"text": "50 mg daily", "patientInstruction": "75 mg daily"}], None, "QD"),
    ([{"text": "50 mg daily", "patientInstruction": "take 1 tablet every day"}], 50, "QD"),
    ([daily(MG, text="100 mg daily")], 100, "QD"),
    ([daily(MG, text="2 tablets daily")], 100, "QD"),
    ([daily(MG, text="99 mg daily")], 100, "QD"),  # 1 % apart
    ([daily(MG, text="98.9 mg daily")], None, "QD"),
    ([daily(MG, text="100 mg twice daily")], None, "QD"),
    ([daily(MG, text="as you were told")], 100, "QD"),
    ([daily(MG, text="100 mg daily as needed")], None, "QD"),
    ([daily(None, text="50 mg twice daily")], None, "QD"),
    ([dosage(code="MO")], None, None),
    ([{"text": "as directed"}], None, None),
    ([daily(None, text="take 75 mg")], 75, "QD"),
    ([], None, None),
    # several
    ([daily(MG), daily({**MG, "value": 25})], 125, None),
    ([daily(MG, sequence=1), daily({"value": 1, "unit": "tablet"}, sequence=1)], 150, None),
    ([daily(MG, sequence=1), daily({**MG, "value": 25}, sequence=2)], None, None),  # a taper
    ([daily(MG), daily({"value": 1, "unit": "mL"})], None, None),
]


def test_dose_and_frequency(tmp_path: Path) -> None:
    rows = exposures(tmp_path, *({"dosageInstruction": case} for case, *_ in CASES))
    found = [
        (case, row["daily_dose_mg"] and round(row["daily_dose_mg"], 6), row["frequency"])
        for (case, *_), row in zip(CASES, rows, strict=True)
    ]
    assert found == [(case, dose and round(dose, 6), frequency) for case, dose, frequency in CASES]


def test_concurrent_instructions_add_only_where_they_run_for_the_same_time(tmp_path: Path) -> None:
    def until(end: str, dose: float) -> Resource:
        bounds = {"boundsPeriod": {"start": "2024-01-01", "end": end}}
        return dosage({**MG, "value": dose}, **DAILY, **bounds)

    same = {"dosageInstruction": [until("2024-02-01", 50), until("2024-02-01", 25)]}
    other = {"dosageInstruction": [until("2024-02-01", 50), until("2024-03-01", 25)]}
    open_ended = {"dosageInstruction": [until("2024-02-01", 50), daily(MG)]}
    rows = exposures(tmp_path, same, other, open_ended)
    assert [(row["daily_dose_mg"], row["end_date"]) for row in rows] == [
        (75, "2024-02-01"),
        (None, "2024-03-01"),
        (None, None),
    ]


def test_the_strength_of_a_tablet(tmp_path: Path) -> None:
    def medication(n: int, numerator: Resource, denominator: Resource | None, more: int = 0) -> Resource:
        strength = {"numerator": numerator, **({"denominator": denominator} if denominator else {})}
        ingredients = [{"itemCodeableConcept": {"text": "azathioprine"}, "strength": strength}] * (1 + more)
        return {"resourceType": "Medication", "id": f"s{n}", "code": {"text": "Imuran"}, "ingredient": ingredients}

    mg = {"value": 25, "unit": "mg"}
    cases = [
        (mg, {"value": 1, "unit": "tablet"}, 0, 25),
        (mg, {"value": 1, "code": "{tbl}"}, 0, 25),
        (mg, {"value": 1, "code": "1"}, 0, 25),
        (mg, None, 0, 25),
        ({"value": 0.025, "code": "g"}, {"value": 1}, 0, 25),
        (mg, {"value": 1, "unit": "mL"}, 0, None),
        (mg, {"value": 5, "unit": "tablet"}, 0, None),
        (mg, {"value": 1, "unit": "tablet"}, 1, None),
    ]
    medications = [medication(n, *case[:3]) for n, case in enumerate(cases)]
    given = [
        {
            "medicationCodeableConcept": None,
            "medicationReference": {"reference": f"Medication/s{n}"},
            "dosageInstruction": [daily({"value": 1, "unit": "tablet"})],
        }
        for n in range(len(cases))
    ]
    rows = exposures(tmp_path, *given, others=medications)
    assert [row["daily_dose_mg"] for row in rows] == [dose for *_, dose in cases]


def test_an_administration_is_one_dose_whatever_its_words_say_of_the_day(tmp_path: Path) -> None:
    given = {
        "resourceType": "MedicationAdministration",
        "status": "completed",
        "medicationCodeableConcept": {"text": "azathioprine 50 mg tablet"},
        "effectiveDateTime": "2024-01-07T08:00:00Z",
        "dosage": {"dose": {"value": 50, "unit": "mg"}, "text": "50 mg twice daily"},
    }
    [row] = exposures(tmp_path, given)
    assert (row["daily_dose_mg"], row["dose_note"]) == (50, None)
