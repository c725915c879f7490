"""Days outside: every date that leaves is one that a reader of dates can read."""

from datetime import date

import polars as pl
import pytest

from audit import frames
from audit.calendar import EPOCH, FIRST, LAST, OPEN_FROM, as_dates, as_days, if_ever, iso
from audit.edition import LONGEST_DAYS, plain
from audit.errors import GuidelineError
from audit.guideline import overlay
from audit.judge import judge
from flows.editions import load
from tests.flows import cohort

BEYOND = [FIRST - 1, FIRST, 0, LAST, LAST + 1, 2**31 - 1]


def of(expression: pl.Expr) -> list[object]:
    frame = pl.DataFrame({"day": BEYOND}, schema={"day": pl.Int32})
    return frame.select(expression).to_series().to_list()


def test_a_day_beyond_the_calendar_is_its_edge() -> None:
    first, last = date(1, 1, 1), date(9999, 12, 31)
    assert of(as_dates(pl.col("day"))) == [first, first, EPOCH, last, last, last]
    assert of(iso(pl.col("day"))) == ["0001-01-01"] * 2 + ["1970-01-01"] + ["9999-12-31"] * 3


def test_what_waits_for_a_day_beyond_the_calendar_never_comes() -> None:
    assert of(if_ever(pl.col("day"))) == [None, date(1, 1, 1), EPOCH, date(9999, 12, 31), None, None]


@pytest.mark.parametrize(
    ("end", "kept"),
    [
        (date(2249, 12, 31), OPEN_FROM - 1),
        (date(2250, 1, 1), None),
        (date(2262, 4, 11), None),
        (date(9999, 12, 31), None),
        (None, None),
    ],
)
def test_an_end_that_nobody_can_know_is_an_open_end(end: date | None, kept: int | None) -> None:
    for declared, column in (
        (frames.EXPOSURES, "end_date"),
        (frames.PATIENTS, "observation_end"),
        (frames.PATIENTS, "death_date"),
        (frames.STAYS, "discharged_on"),
    ):
        row = dict.fromkeys(declared.names) | {column: end}
        found = as_days(pl.DataFrame([row], schema=declared.schema)).collect()
        assert found[column].to_list() == [kept]
        assert found.schema[column] == pl.Int32


def test_a_start_stays_what_it_is() -> None:
    row = dict.fromkeys(frames.EXPOSURES.names) | {"start_date": date(2250, 1, 1)}
    assert as_days(pl.DataFrame([row], schema=frames.EXPOSURES.schema)).collect()["start_date"].to_list() == [OPEN_FROM]


@pytest.mark.parametrize("as_of", [date(9999, 12, 31), date(9999, 12, 1)])
def test_an_audit_at_the_end_of_the_calendar_releases_dates_that_can_be_read(as_of: date) -> None:
    judged = judge(cohort.staged(2), load(), as_of)
    assert judged.episodes.height == 2
    for declared in frames.JUDGED:
        assert getattr(judged, declared.name).to_dicts() is not None
    for declared in frames.KEPT:
        assert getattr(judged.kept, declared.name).to_dicts() is not None
    assert judged.slots["window_end"].max() == date(9999, 12, 31)
    assert max(judged.findings["next_change_on"].drop_nulls(), default=date.min) <= date.max


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0.05, "0.05"), (3.08, "3.08"), (40, "40"), (40.0, "40"), (999.5, "999.5"), (3080.0, "3080"),
        (30000.0, "30000"), (12345.678, "12345.678"), (1e-6, "0.000001"), (1e16, "10000000000000000"), (0.0, "0"),
    ],
)  # fmt: skip
def test_a_number_in_digits_has_no_exponent_and_loses_nothing(number: float, said: str) -> None:
    assert plain(number) == said


def test_no_window_is_longer_than_a_century() -> None:
    for days in (LONGEST_DAYS - 1, LONGEST_DAYS):
        assert overlay(load(), {"baseline_lookback_days": days})["baseline_lookback_days"].days == days
    with pytest.raises(GuidelineError, match="'baseline_lookback_days' must be at most 36525 days, not 36526"):
        overlay(load(), {"baseline_lookback_days": LONGEST_DAYS + 1})


def test_the_numbers_of_a_sentence_have_no_exponent() -> None:
    edition = overlay(load(), {"stop_absolute_u_l": 1_234_567.5})
    assert edition["stop_absolute_u_l"].digits == "1234567.5"
