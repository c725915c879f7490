"""Due slots along the days after the restart: which count, on which day, and what share a draw met."""

from datetime import date

import polars as pl
import pytest

from audit.figures.due import due_slots
from audit.guideline import overlay
from flows.editions import load
from tests.flows import made

EDITION = load()
END = date(2024, 1, 31)
HEAD = """
-- episodes
episode_id | restart_date
e1         | 2023-01-01
e2         | 2023-01-01
-- status_to_date
episode_id | censor_date
e1         | 2023-12-31
e2         | 2023-01-17
-- slots
episode_id | rule_id | slot | window_end | status
"""


def found(*slots: str, end: date = END, **parameters: int) -> list[tuple[object, ...]]:
    rows = due_slots(made.judged(HEAD + "\n".join(slots)), overlay(EDITION, parameters), end)
    return rows.select("rule_id", "first_day", "last_day", "due", "met", "share").rows()


def test_slots_are_counted_on_the_day_after_the_restart_on_which_their_window_ended() -> None:
    assert found(
        "e1 | MON-01 | 1 | 2023-01-11 | met", "e1 | MON-01 | 2 | 2023-01-18 | missed",
        "e2 | MON-01 | 1 | 2023-01-11 | missed", "e1 | MON-02 | 1 | 2023-03-21 | met",
    ) == [("MON-01", 10, 10, 2, 1, 0.5), ("MON-01", 17, 17, 1, 0, 0.0), ("MON-02", 79, 79, 1, 1, 1.0)]  # fmt: skip


@pytest.mark.parametrize("status", ["not_due", "ended", "excused"])
def test_what_is_neither_met_nor_missed_is_not_due(status: str) -> None:
    assert found(f"e1 | MON-01 | 1 | 2023-01-11 | {status}") == []


def test_a_slot_that_was_met_before_its_window_ended_counts_once_it_has() -> None:
    """e2 is followed to 2023-01-17: a window that ends with it is due, one that ends on the day after is not."""
    assert found("e2 | MON-01 | 1 | 2023-01-17 | met") == [("MON-01", 16, 16, 1, 1, 1.0)]
    assert found("e2 | MON-01 | 1 | 2023-01-18 | met") == []


def test_results_that_may_still_come_leave_a_window_open() -> None:
    slot = "e1 | MON-01 | 1 | 2023-01-11 | met"
    assert found(slot, end=date(2023, 1, 11)) != []
    assert found(slot, end=date(2023, 1, 10)) == []
    assert found(slot, end=date(2023, 1, 13), result_lag_days=2) != []
    assert found(slot, end=date(2023, 1, 12), result_lag_days=2) == []


def test_windows_of_the_rolling_phase_are_taken_together_by_its_step() -> None:
    """Its step is 90 days: day 270 ends the third, and day 271 begins the fourth."""
    assert found(
        "e1 | MON-04 | 1 | 2023-09-27 | met", "e1 | MON-04 | 2 | 2023-09-28 | missed",
        "e1 | MON-04 | 3 | 2023-09-29 | met", "e1 | MON-04 | 4 | 2023-12-27 | met",
    ) == [("MON-04", 181, 270, 2, 1, 0.5), ("MON-04", 271, 360, 2, 2, 1.0)]  # fmt: skip


def test_an_edition_without_a_rolling_phase_takes_no_days_together() -> None:
    schedule = EDITION.schedule.model_copy(update={"long_term": None})
    judged = made.judged(HEAD + "e1 | MON-04 | 1 | 2023-09-27 | met")
    rows = due_slots(judged, EDITION.model_copy(update={"schedule": schedule}), END)
    assert rows.select("first_day", "last_day").rows() == [(269, 269)]


def test_a_share_has_its_wilson_interval() -> None:
    judged = made.judged(HEAD + "\n".join(f"e1 | MON-01 | {n} | 2023-01-11 | {'met' if n < 8 else 'missed'}"
                                          for n in range(31)))  # fmt: skip
    row = due_slots(judged, EDITION, END).select("share", "low", "high").row(0)
    assert row == pytest.approx((8 / 31, 0.1370, 0.4325), abs=5e-5)


def test_without_a_slot_nothing_is_due() -> None:
    rows = due_slots(made.judged(made.NOBODY), EDITION, END)
    assert (rows.height, rows.schema["share"]) == (0, pl.Float64())
