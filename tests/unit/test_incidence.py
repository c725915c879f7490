"""Recurrence as cumulative incidence: what ends the days at risk, and the figures of lifelines by value.

The expected figures are those of lifelines 0.30.3 (`AalenJohansenFitter`, variance and 95 % interval; with ties of
different events jittered by 1e-9), computed in an environment of its own.
"""

from datetime import date, timedelta

import polars as pl
import pytest

from audit.figures.incidence import HORIZON_DAYS, OUTCOMES, incidence, outcomes, read_at
from flows.editions import load
from tests.flows import made

WORDS = {"r": "recurred", "d": "died", "s": "stopped", "c": "censored", "?": None}


def cohort(text: str) -> pl.DataFrame:
    """Return outcomes: `5r 8d` is a recurrence on day 5 and a death on day 8."""
    rows = [(int(one[:-1]), WORDS[one[-1]]) for one in text.split()]
    return pl.DataFrame(rows, schema={"day": pl.Int64, "outcome": pl.String}, orient="row")


@pytest.mark.parametrize(
    ("text", "recurred", "died", "stopped"),
    [
        (
            "5r 8d 12s 20r 33c 40r 41s 60c 77r 90d",
            {5: (0.1, 0.005723, 0.358127), 20: (0.2, 0.030909, 0.474715), 33: (0.2, 0.030909, 0.474715),
             40: (0.32, 0.07385, 0.607591), 77: (0.5, 0.142498, 0.781465)},
            {5: 0.0, 8: 0.1, 77: 0.1, 90: 0.28},
            {8: 0.0, 12: 0.1, 40: 0.1, 41: 0.22, 90: 0.22},
        ),
        (
            "10r 10r 10r 14s 14s 20c 20c 25r 31d 40c",
            {10: (0.3, 0.071134, 0.577867), 25: (0.466667, 0.128505, 0.753446), 40: (0.466667, 0.128505, 0.753446)},
            {25: 0.0, 31: 0.166667},
            {10: 0.0, 14: 0.2, 40: 0.2},
        ),
        (
            "10r 10d 10s 21r 21r 21d 30c 35r 35s 50c 61c",
            {10: (0.090909, 0.005367, 0.332889), 21: (0.272727, 0.065176, 0.538906), 35: (0.386364, 0.116024, 0.65714),
             61: (0.386364, 0.116024, 0.65714)},
            {10: 0.090909, 21: 0.181818, 61: 0.181818},
            {10: 0.090909, 21: 0.090909, 35: 0.204545},
        ),
        (
            "7r 7c 9r 9c 9c 15d 22r 30c",
            {7: (0.125, 0.006593, 0.422706), 9: (0.270833, 0.038461, 0.592322), 22: (0.513889, 0.086948, 0.834046)},
            {9: 0.0, 15: 0.243056},
            {30: 0.0},
        ),
        ("4d 6s 9c", {4: (0.0, None, None), 9: (0.0, None, None)}, {4: 0.333333}, {4: 0.0, 6: 0.333333, 9: 0.333333}),
    ],
    ids=["no ties", "ties of one event", "ties of all", "lost on the day of an event", "no recurrence"],
)  # fmt: skip
def test_the_figures_are_those_of_lifelines(
    text: str,
    recurred: dict[int, tuple[float, float | None, float | None]],
    died: dict[int, float],
    stopped: dict[int, float],
) -> None:
    rows = {row["day"]: row for row in incidence(cohort(text)).iter_rows(named=True)}
    for day, expected in recurred.items():
        found = [rows[day][f"incidence_{name}"] for name in ("recurred", "low", "high")]
        assert found == pytest.approx(list(expected), abs=1e-6)
    for name, values in (("died", died), ("stopped", stopped)):
        assert {day: rows[day][f"incidence_{name}"] for day in values} == pytest.approx(values, abs=1e-6)


def test_each_day_tells_who_was_at_risk_that_morning_and_what_became_of_them() -> None:
    found = incidence(cohort("3r 3d 5c 5c 9s 2?")).select("day", "at_risk", *OUTCOMES).rows()
    assert found == [(0, 5, 0, 0, 0, 0), (3, 5, 1, 1, 0, 0), (5, 3, 0, 0, 0, 2), (9, 1, 0, 0, 1, 0)]


def test_who_was_lost_on_the_day_of_the_restart_is_at_risk_of_nothing() -> None:
    found = incidence(cohort("0c 0c 7r 8c"))
    assert found.select("day", "at_risk").rows() == [(0, 4), (7, 2), (8, 1)]
    assert found["incidence_recurred"].to_list() == [0.0, 0.5, 0.5]


def test_where_all_recur_the_incidence_is_whole_and_has_no_interval() -> None:
    last = incidence(cohort("3r 7r")).row(-1, named=True)
    assert (last["incidence_recurred"], last["incidence_low"], last["incidence_high"]) == (1.0, None, None)


def test_without_anybody_nothing_is_known() -> None:
    for nobody in (cohort(""), cohort("9?")):
        assert incidence(nobody).select("day", "at_risk", "incidence_recurred").rows() == [(0, 0, 0.0)]
        assert read_at(nobody, [1]).row(0) == (1, 0, None, None, None, None, None)


def test_it_is_read_at_a_day_by_what_happened_up_to_and_on_it() -> None:
    people = cohort("5r 8d 12s 20r 33c 40r 41s 60c 77r 90d")
    found = read_at(people, [20, 4, 0, 19]).select("day", "at_risk", "incidence_recurred").rows()
    assert found == [(0, 10, 0.0), (4, 10, 0.0), (19, 7, 0.1), (20, 7, 0.2)]


def test_beyond_the_last_who_was_followed_it_is_unknown_unless_nobody_was_left() -> None:
    assert read_at(cohort("5r 8c"), [8, 9]).select("at_risk", "incidence_recurred").rows() == [(1, 0.5), (0, None)]
    assert read_at(cohort("5r " * 99 + "8c"), [9]).select("at_risk", "incidence_recurred").rows() == [(0, None)]
    assert read_at(cohort("3c 5r 8d"), [9]).select("at_risk", "incidence_recurred").rows() == [(0, 0.5)]


def test_it_is_read_at_a_year() -> None:
    assert HORIZON_DAYS == 365


# --- What ends the days at risk ------------------------------------------------------------------------------

ZERO = date(2023, 1, 1)


def ended(last_dose: int, observed: int, died: int | None = None, recurred: int | bool | None = False,
          further: int | None = None, note: str = "") -> tuple[str | None, int | None]:  # fmt: skip
    """Return outcome and day of one restart, its days counted from it."""

    def on(day: int | None) -> str:
        return "" if day is None else str(ZERO + timedelta(days=day))

    day = recurred if type(recurred) is int else None
    said = "" if recurred is None else str(recurred is not False).lower()
    text = f"""
-- episodes
episode_id | patient_id | restart_date | recurrence | recurrence_date
e1         | p1         | {ZERO}       | {said}     | {on(day)}
-- status_to_date
episode_id | patient_id | last_dose_date | observed_to
e1         | p1         | {on(last_dose)} | {on(observed)}
-- patients
patient_id | death_date | death_note
p1         | {on(died)} | {note}
-- courses
patient_id | start_date
p1         | {on(-300)}
p1         | {ZERO}
{f"p1 | {on(further)}" if further is not None else ""}
{f"p1 | {on(further + 90)}" if further is not None else ""}
p0         | {on(5)}
"""
    [(_, outcome, found)] = outcomes(made.judged(text), load()).rows()
    return outcome, found


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (ended(200, 200), ("censored", 200)),  # it is still being taken
        (ended(0, 0), ("censored", 0)),
        (ended(200, 229), ("censored", 229)),  # a rise in the 30 days after the last dose still counts
        (ended(200, 230), ("stopped", 230)),
        (ended(200, 500), ("stopped", 230)),
        (ended(199, 200), ("censored", 200)),
        (ended(200, 500, further=220), ("stopped", 219)),  # the next course begins before they are over
        (ended(200, 219, further=220), ("stopped", 219)),
        (ended(200, 500, further=231), ("stopped", 230)),
        (ended(200, 500, further=230), ("stopped", 229)),
        (ended(100, 100, died=100), ("died", 100)),
        (ended(80, 100, died=100), ("died", 100)),
        (ended(80, 110, died=110), ("died", 110)),
        (ended(80, 111, died=111), ("stopped", 110)),
        (ended(100, 100, died=101), ("censored", 100)),  # observation ended before
        (ended(100, 100, died=100, note="contradicted_death_date"), ("censored", 100)),
        (ended(100, 100, died=100, recurred=100), ("recurred", 100)),  # both on a day
        (ended(100, 100, recurred=1), ("recurred", 1)),
        (ended(80, 500, recurred=110), ("recurred", 110)),
        (ended(100, 500, died=500, recurred=40), ("recurred", 40)),
        (ended(100, 100, died=100, recurred=None), (None, None)),  # a censored value leaves it open
    ],
)
def test_the_first_that_ends_the_days_at_risk_is_the_outcome(
    found: tuple[str | None, int | None], expected: tuple[str | None, int | None]
) -> None:
    assert found == expected


def test_each_restart_of_a_patient_has_its_own_outcome_and_none_has_none() -> None:
    text = f"""
-- episodes
episode_id | patient_id | restart_date | recurrence | recurrence_date
e1         | p1         | {ZERO}       | false      |
e2         | p1         | 2023-06-01   | true       | 2023-06-11
-- status_to_date
episode_id | patient_id | last_dose_date | observed_to
e1         | p1         | 2023-01-11     | 2024-01-01
e2         | p1         | 2023-07-01     | 2024-01-01
-- patients
patient_id | death_date
p1         |
-- courses
patient_id | start_date
p1         | {ZERO}
p1         | 2023-06-01
"""
    assert outcomes(made.judged(text), load()).rows() == [("e1", "stopped", 40), ("e2", "recurred", 10)]
    assert outcomes(made.judged(made.NOBODY), load()).height == 0
