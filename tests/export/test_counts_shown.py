"""How counts are shown: which are hidden, to what they are rounded, and what a reader then knows of them."""

from datetime import date

import pytest

from flows.errors import Usage
from flows.export.aggregate.periods import first_release, named, over
from flows.export.aggregate.system import Rounding

USUAL = Rounding(10, 5, zero_is_shown=False)


@pytest.mark.parametrize(("count", "is_small"), [(0, True), (1, True), (9, True), (10, False), (11, False)])
def test_a_count_below_the_threshold_is_hidden(count: int, is_small: bool) -> None:
    assert USUAL.is_small(count) is is_small


def test_0_is_shown_only_where_the_profile_says_so() -> None:
    shows = Rounding(10, 5, zero_is_shown=True)
    assert not shows.is_small(0)
    assert shows.is_small(1)
    assert shows.bounds(shows.shown(0)) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("count", "shown", "least", "greatest"),
    [(10, 10, 10, 12), (12, 10, 10, 12), (13, 15, 13, 17), (17, 15, 13, 17), (18, 20, 18, 22), (470, 470, 468, 472)],
)
def test_a_count_is_the_nearest_multiple_and_a_reader_knows_no_more(
    count: int, shown: int, least: int, greatest: int
) -> None:
    assert USUAL.shown(count) == shown
    assert USUAL.bounds(shown) == (least, greatest)


@pytest.mark.parametrize("base", range(1, 11))
def test_exactly_the_counts_within_the_bounds_are_shown_so(base: int) -> None:
    shows = Rounding(10, base, zero_is_shown=False)
    for count in range(10, 60):
        least, greatest = shows.bounds(shows.shown(count))
        alike = [other for other in range(10, 80) if shows.shown(other) == shows.shown(count)]
        assert (least, greatest) == (alike[0], alike[-1])


@pytest.mark.parametrize(
    ("day", "kind", "name", "first", "last"),
    [
        (date(2026, 6, 29), "quarter", "2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 6, 30), "quarter", "2026-Q2", date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 7, 1), "quarter", "2026-Q2", date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 1, 15), "quarter", "2025-Q4", date(2025, 10, 1), date(2025, 12, 31)),
        (date(2026, 12, 31), "quarter", "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        (date(2024, 2, 28), "month", "2024-01", date(2024, 1, 1), date(2024, 1, 31)),
        (date(2024, 2, 29), "month", "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        (date(2024, 12, 31), "month", "2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        (date(2025, 1, 30), "month", "2024-12", date(2024, 12, 1), date(2024, 12, 31)),
    ],
)
def test_the_period_of_a_day_is_the_last_that_is_over(day: date, kind: str, name: str, first: date, last: date) -> None:
    found = over(day, kind)
    assert (found.name, found.first, found.last) == (name, first, last)
    assert named(name, kind) == found


@pytest.mark.parametrize(
    ("name", "kind"),
    [("2026-06", "quarter"), ("2026-Q2", "month"), ("2026-Q0", "quarter"), ("2026-Q5", "quarter"), ("2026-00", "month"),
     ("2026-13", "month"), ("26-06", "month"), ("2026-6", "month"), ("0000-01", "month"), ("9999-12", "month"),
     (" 2026-06", "month"), ("٢٠٢٦-06", "month")],
)  # fmt: skip
def test_a_period_that_the_calendar_does_not_have_is_refused(name: str, kind: str) -> None:
    with pytest.raises(Usage, match="--period"):
        named(name, kind)


def test_the_release_of_a_period_is_the_first_on_or_after_its_last_day() -> None:
    period = named("2026-Q2", "quarter")
    night = lambda day, at: {"as_of": day, "started_at": at}  # noqa: E731
    releases = [
        ("before", night("2026-06-29", "1")),
        ("later", night("2026-07-01", "2")),
        ("again", night("2026-06-30", "5")),
        ("first", night("2026-06-30", "4")),
        ("broken", {}),
    ]
    assert first_release(releases, period) == "first"
    assert first_release(releases[:2], period) == "later"
    assert first_release(releases[:1], period) is None
