"""Orders of a hospital: their days, how they end, and what is taken a day."""

from pathlib import Path
from typing import Any

import pytest

from tests.sources import look
from tests.sources.mimic_iv.hosp import hosp, order, orders, received


def test_an_order_is_an_exposure_by_the_name_of_the_drug(tmp_path: Path) -> None:
    row = order(tmp_path)
    assert (row["exposure_id"], row["patient_id"]) == ("1-300-1", "1")
    assert (row["vocabulary"], row["code"], row["route"]) == ("name", "Azathioprine", "PO/NG")
    assert (row["start_date"], row["end_date"]) == ("2150-03-02 08:00:00", "2150-03-10")
    assert (row["daily_dose_mg"], row["frequency"], row["end_type"]) == (50.0, "DAILY", "explicit")
    assert row["days_supply"] is row["stop_reason"] is row["recorded_at"] is None


def test_an_order_that_ends_within_a_day_of_the_discharge_is_no_stop(tmp_path: Path) -> None:
    said = {
        "2150-03-18 23:59:00": "explicit",  # the first day out
        "2150-03-19 00:01:00": "discharge",
        "2150-03-20 09:00:00": "discharge",
        "2150-03-21 23:00:00": "discharge",
        "2150-03-22 08:00:00": "discharge",  # no order of the hospital outlasts the stay
        "2150-03-25 08:00:00": "discharge",
    }
    rows = orders(tmp_path, *(({}, {"stoptime": stop}) for stop in said))
    assert [row["end_type"] for row in rows] == list(said.values())


def test_the_order_is_ended_as_written_whatever_its_last_dose(tmp_path: Path) -> None:
    row = order(tmp_path, stoptime="2150-03-19 00:00:00")
    assert (row["end_date"], row["end_type"]) == ("2150-03-18", "discharge")


@pytest.mark.parametrize(
    ("stop", "end"), [("2150-03-20 23:00:00", "2150-03-20"), ("2150-03-25 08:00:00", "2150-03-20")]
)
def test_no_dose_of_the_hospital_is_given_after_the_discharge(tmp_path: Path, stop: str, end: str) -> None:
    assert order(tmp_path, stoptime=stop)["end_date"] == end


def test_an_order_begun_after_the_discharge_keeps_its_days(tmp_path: Path) -> None:
    row = order(tmp_path, starttime="2150-03-21 08:00:00", stoptime="2150-03-22 08:00:00")
    assert (row["end_date"], row["end_type"]) == ("2150-03-22", "discharge")


def test_what_the_pharmacy_discontinued_via_discharge_is_no_stop(tmp_path: Path) -> None:
    status = {"status": "Discontinued via patient discharge"}
    assert order(tmp_path, status, hadm_id=None)["end_type"] == "discharge"


def test_the_discharge_of_another_stay_counts_within_a_day_and_does_not_end_the_order(tmp_path: Path) -> None:
    stays = [{}, {"hadm_id": "21", "admittime": "2150-03-20 15:00:00", "dischtime": "2150-04-10 12:00:00"}]
    for stop, said in (("2150-03-20", "discharge"), ("2150-03-21", "discharge"), ("2150-03-22", "explicit")):
        moved = {"hadm_id": "21", "starttime": "2150-03-20 16:00:00", "stoptime": f"{stop} 18:00:00"}
        [row] = received(tmp_path / stop, "drug_exposures", admissions=stays, prescriptions=[moved])
        assert (row["end_date"], row["end_type"]) == (stop, said)


WITHOUT_STAY = [
    ("2150-03-02", "2150-03-18", "explicit", "2150-03-18"),
    ("2150-03-02", "2150-03-19", "discharge", "2150-03-19"),
    ("2150-03-02", "2150-03-21", "discharge", "2150-03-20"),
    ("2150-03-02", "2150-03-25", "discharge", "2150-03-20"),  # it began in the stay and outlasts it
    ("2150-03-21", "2150-03-21", "discharge", "2150-03-21"),
    ("2150-03-21", "2150-03-22", "explicit", "2150-03-22"),
    ("2150-02-01", "2150-02-05", "explicit", "2150-02-05"),
    ("2150-03-01", "2150-03-25", "discharge", "2150-03-20"),
    ("2150-02-28", "2150-03-25", "explicit", "2150-03-25"),  # it did not begin in the stay
]


@pytest.mark.parametrize(("day", "said"), [("09", "discharge"), ("11", "discharge"), ("08", "explicit")])
def test_in_a_stay_that_goes_on_the_discharge_of_another_counts_within_a_day(
    tmp_path: Path, day: str, said: str
) -> None:
    stays = [{"dischtime": None}, {"hadm_id": "21", "dischtime": f"2150-03-{day} 10:00:00"}]
    [row] = received(tmp_path, "drug_exposures", admissions=stays)
    assert (row["end_date"], row["end_type"]) == ("2150-03-10", said)


@pytest.mark.parametrize("hadm_id", [None, "99"])
def test_an_order_of_no_known_stay_is_held_against_every_stay(tmp_path: Path, hadm_id: str | None) -> None:
    stays = [
        {},
        {"hadm_id": "21", "admittime": "2150-05-01 10:00:00", "dischtime": "2150-05-05 10:00:00"},
        {"hadm_id": "22", "subject_id": "2", "admittime": "2150-02-01 10:00:00", "dischtime": "2150-02-05 10:00:00"},
    ]
    given = [
        ({}, {"hadm_id": hadm_id, "starttime": f"{start} 09:00:00", "stoptime": f"{stop} 11:00:00"})
        for start, stop, *_ in WITHOUT_STAY
    ]
    rows = orders(tmp_path, *given, admissions=stays)
    assert [(row["end_type"], row["end_date"]) for row in rows] == [tuple(said[2:]) for said in WITHOUT_STAY]


def test_overlapping_stays_do_not_double_an_order(tmp_path: Path) -> None:
    stays = [{}, {"hadm_id": "21", "dischtime": "2150-03-21 10:00:00"}]
    [row] = received(
        tmp_path,
        "drug_exposures",
        admissions=stays,
        prescriptions=[{"hadm_id": None, "stoptime": "2150-03-21 09:00:00"}],
    )
    assert (row["end_type"], row["end_date"]) == ("discharge", "2150-03-21")


def test_a_stay_that_came_twice_does_not_double_an_order(tmp_path: Path) -> None:
    stays = [{}, {"dischtime": "2150-03-22 10:00:00"}]
    [row] = received(tmp_path, "drug_exposures", admissions=stays, prescriptions=[{"stoptime": "2150-03-20 09:00:00"}])
    assert row["end_type"] == "explicit"


def test_death_in_hospital_ends_an_order_as_a_discharge_does(tmp_path: Path) -> None:
    died = {"deathtime": "2150-03-20 15:00:00"}
    [row] = received(tmp_path, "drug_exposures", admissions=[died], prescriptions=[{"stoptime": "2150-03-20 16:00:00"}])
    assert row["end_type"] == "discharge"


def test_an_open_order_ends_with_the_stay(tmp_path: Path) -> None:
    row = order(tmp_path, stoptime=None)
    assert (row["end_date"], row["end_type"]) == ("2150-03-20", "discharge")


def test_an_open_order_begun_after_the_discharge_lasts_its_first_day(tmp_path: Path) -> None:
    row = order(tmp_path, starttime="2150-03-21 08:00:00", stoptime=None)
    assert (row["end_date"], row["end_type"]) == ("2150-03-21", "discharge")


def test_in_a_stay_that_goes_on_an_order_is_open_or_stopped(tmp_path: Path) -> None:
    rows = orders(tmp_path, ({}, {"stoptime": None}), ({}, {}), admissions=[{"dischtime": None}])
    assert [(row["end_date"], row["end_type"]) for row in rows] == [(None, "ongoing"), ("2150-03-10", "explicit")]


MIDNIGHTS = [
    ("2150-03-02 08:00:00", "2150-03-10 00:00:00", "2150-03-09"),
    ("2150-03-02 08:00:00", "2150-03-10 00:01:00", "2150-03-10"),
    ("2150-03-02 08:00:00", "2150-03-10", "2150-03-10"),  # no time is given
    ("2150-03-02 00:00:00", "2150-03-02 00:00:00", "2150-03-02"),
    ("2150-03-02 08:00:00", "2150-03-03 00:00:00", "2150-03-02"),
]


def test_an_order_that_ends_at_midnight_has_its_last_dose_the_day_before(tmp_path: Path) -> None:
    rows = orders(tmp_path, *(({}, {"starttime": start, "stoptime": stop}) for start, stop, _ in MIDNIGHTS))
    assert [row["end_date"] for row in rows] == [end for _, _, end in MIDNIGHTS]


def test_a_single_dose_is_taken_on_the_day_its_order_starts(tmp_path: Path) -> None:
    once = ["ONCE", "1X", "X1", "NOW X1", "ONCE:STAT"]
    more = ["ONCE MR1", "ONCE:PRN", "DAILY", None]  # MR1: may be repeated once
    night = {"starttime": "2150-03-02 22:00:00", "stoptime": "2150-03-03 21:00:00"}
    rows = orders(tmp_path, *(({"frequency": frequency}, night) for frequency in [*once, *more]))
    assert [row["end_date"] for row in rows] == ["2150-03-02"] * len(once) + ["2150-03-03"] * len(more)
    assert {row["end_type"] for row in rows} == {"explicit"}


def test_an_order_stopped_days_before_its_start_is_left_to_the_contract(tmp_path: Path) -> None:
    row = order(tmp_path, {"frequency": "ONCE"}, starttime="2150-03-05 08:00:00", stoptime="2150-03-04 00:00:00")
    assert (row["start_date"], row["end_date"]) == ("2150-03-05 08:00:00", "2150-03-04")


@pytest.mark.parametrize(
    ("start", "stop", "is_rejected"),
    [
        ("2150-03-05 20:00:00", "2150-03-05 18:00:00", True),
        ("2150-03-05 20:00:00", "2150-03-05 00:00:00", True),
        ("2150-03-05 20:00:00", "2150-03-05 20:00:00", False),
        ("2150-03-05 20:00:00", "2150-03-05", False),
        ("2150-03-05", "2150-03-05 08:00:00", False),
    ],
)
def test_an_order_stopped_hours_before_its_start_is_rejected(
    tmp_path: Path, start: str, stop: str, is_rejected: bool
) -> None:
    given = hosp(tmp_path / "hosp", prescriptions=[{"starttime": start, "stoptime": stop}])
    with look.at(given, tmp_path) as it:
        rejected = [(row["source_table"], row["source_id"], row["reason"]) for row in look.rejects(it)]
        assert rejected == ([("prescriptions", "1-300-1", "end_before_start")] if is_rejected else [])
        assert len(look.rows(it, "drug_exposures")) == (0 if is_rejected else 1)


@pytest.mark.parametrize(("column", "value"), [("starttime", "soon"), ("stoptime", "later"), ("starttime", None)])
def test_a_broken_time_is_carried_as_it_is(tmp_path: Path, column: str, value: str | None) -> None:
    row = order(tmp_path, **{column: value})
    assert row["start_date" if column == "starttime" else "end_date"] == value


DOSES = [
    ("50", "mg", "1", "DAILY", 50.0),
    ("50", "mg", "2", "BID", 100.0),
    ("1.5", "g", "2", "BID", 3000.0),
    ("1", "gm", "1", "DAILY", 1000.0),
    ("500", "mcg", "2", "BID", 1.0),
    ("12,750", "mg", "1", "DAILY", 12750.0),
    ("1,5", "mg", "1", "DAILY", None),
    ("1-2", "mg", "1", "DAILY", None),
    ("2", "TAB", "1", "DAILY", None),
    ("50", None, "1", "DAILY", None),
    (None, "mg", "1", "DAILY", None),
    ("50", "mg", "1", "ONCE", 50.0),
    ("100", "mg", "0", "EVERY OTHER DAY", 50.0),
    ("100", "mg", None, "Q48H", 50.0),
    ("100", "mg", "0", "QODHS", 50.0),
    ("70", "mg", "0", "3X/WEEK", 30.0),
    ("60", "mg", "0", "Q36H", 40.0),
    ("60", "mg", "0", "Q72H", 20.0),
    ("50", "mg", "0", "NOW X1", None),
    ("50", "mg", "0", "TITRATE TO RASS", None),
    ("50", "mg", None, "ASDIR", None),
    ("50", "mg", None, None, None),
    ("50", "mg", None, "Q6H:PRN", None),
    ("50", "mg", "4", "Q6H:PRN", None),  # as needed: an upper limit is no dose
    ("50", "mg", "0", "EVERY OTHER DAY:PRN", None),
]


def test_a_daily_dose_is_the_dose_times_the_doses_a_day(tmp_path: Path) -> None:
    given = [
        (
            {"frequency": frequency, "doses_per_24_hrs": a_day},
            {"dose_val_rx": dose, "dose_unit_rx": unit, "doses_per_24_hrs": a_day},
        )
        for dose, unit, a_day, frequency, _ in DOSES
    ]
    for said, row in zip(DOSES, orders(tmp_path, *given), strict=True):
        expected = None if said[-1] is None else pytest.approx(said[-1])
        assert row["daily_dose_mg"] == expected, said


def test_the_dose_of_a_continuous_infusion_is_unknown(tmp_path: Path) -> None:
    assert order(tmp_path, {"infusion_type": "C"})["daily_dose_mg"] is None


def test_doses_a_day_come_from_the_pharmacy_where_the_order_has_none(tmp_path: Path) -> None:
    twice = {"doses_per_24_hrs": "2", "frequency": "BID"}
    assert order(tmp_path, twice, doses_per_24_hrs=None)["daily_dose_mg"] == 100.0


def test_every_other_day_is_told_apart(tmp_path: Path) -> None:
    said = ["EVERY OTHER DAY", "Q48H", "Q 48H", "3X/WEEK", "QHS"]
    rows = orders(tmp_path, *(({"frequency": frequency}, {}) for frequency in said))
    assert [row["frequency"] for row in rows] == ["QOD", "QOD", "QOD", "3X/WEEK", "QHS"]


def test_without_the_pharmacy_doses_are_those_of_the_order(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"doses_per_24_hrs": "2"}, {"pharmacy_id": "301", "doses_per_24_hrs": "0"}]
    given = hosp(tmp_path / "hosp", prescriptions=rows, pharmacy=None)
    with look.at(given, tmp_path) as it:
        first, second = look.rows(it, "drug_exposures")
        assert (first["daily_dose_mg"], second["daily_dose_mg"], second["frequency"]) == (100.0, None, None)
        assert any(note.startswith("pharmacy is missing: ") for note in it.notes)


def test_a_pharmacy_row_that_came_twice_does_not_double_an_order(tmp_path: Path) -> None:
    assert len(received(tmp_path, "drug_exposures", pharmacy=[{}, {}])) == 1


def test_the_fluid_is_left_out_and_what_was_added_to_it_is_not(tmp_path: Path) -> None:
    parts = [
        {"drug_type": "ADDITIVE", "drug": "Thiamine"},
        {"drug_type": "BASE", "drug": "5% Dextrose", "starttime": "2150-03-02 20:00:00", "stoptime": "2150-03-02"},
        {"drug_type": "MAIN"},
    ]
    with look.at(hosp(tmp_path / "hosp", prescriptions=parts), tmp_path) as it:
        rows = {row["exposure_id"]: row["code"] for row in look.rows(it, "drug_exposures")}
        assert rows == {"1-300-1": "Azathioprine", "1-300-2": "Thiamine"}
        assert ("prescriptions", "drug_exposures", "left_out", "base_fluid", 1) in look.account(it)
        assert look.rejects(it) == []


def test_a_fluid_stopped_before_its_start_is_left_out_all_the_same(tmp_path: Path) -> None:
    fluid = {"drug_type": "Base", "starttime": "2150-03-02 20:00:00", "stoptime": "2150-03-02 18:00:00"}
    with look.at(hosp(tmp_path / "hosp", prescriptions=[fluid]), tmp_path) as it:
        assert ("prescriptions", "drug_exposures", "left_out", "base_fluid", 1) in look.account(it)


def test_a_row_that_came_twice_has_one_id_and_another_drug_of_the_order_its_own(tmp_path: Path) -> None:
    rows = received(tmp_path, "drug_exposures", prescriptions=[{}, {}, {"dose_val_rx": "25"}])
    assert sorted(row["exposure_id"] for row in rows) == ["1-300-1", "1-300-2", "1-300-2"]


def test_an_order_without_a_patient_is_left_to_the_contract(tmp_path: Path) -> None:
    row = order(tmp_path, subject_id=None)
    assert (row["exposure_id"], row["patient_id"]) == ("-300-1", None)
