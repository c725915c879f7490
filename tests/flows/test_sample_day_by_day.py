"""The sample as of one day after the other, with no row changed: nothing moves but what was announced."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from audit.frames import Judged, Staged
from audit.judge import judge
from flows import sources
from flows.editions import load
from tests.flows.extracts import references
from tests.steady import dated, moved

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
EXTRACTED_ON = date(2026, 6, 30)
DAYS = 21


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Staged:
    return sources.take_in(SAMPLE, tmp_path_factory.mktemp("work"), EXTRACTED_ON, references()).staged


@pytest.fixture(scope="module")
def days(rows: Staged) -> dict[date, Judged]:
    """The sample judged on each day from that of its extract on, as if the feed went on without a row."""
    until = (EXTRACTED_ON + timedelta(days=number) for number in range(DAYS))
    return {day: judge(rows, load(), day) for day in until}


def test_what_a_release_says_moves_only_on_days_that_were_announced(rows: Staged, days: dict[date, Judged]) -> None:
    happened = dated(getattr(rows, name) for name in ("patients", "labs", "exposures", "events", "stays"))
    for (day, now), (next_day, then) in zip(days.items(), list(days.items())[1:], strict=False):
        assert moved(now, then, (day, next_day), happened) == [], next_day


def test_some_of_it_moves_and_what_moves_with_the_day_does(days: dict[date, Judged]) -> None:
    first, *_, last = days.values()
    both = first.findings.join(last.findings, on=["episode_id", "rule_id"])
    changed = both.filter(pl.col("message") != pl.col("message_right"))
    assert changed.height > 0
    assert (changed["next_change_on"] <= max(days)).all()
    assert changed["next_change_on"].null_count() == 0
    assert set(last.status_to_date["observed_to"]) - set(first.status_to_date["observed_to"]) == {max(days)}
    assert last.findings.filter(pl.col("message").str.contains(max(days).isoformat())).is_empty()
