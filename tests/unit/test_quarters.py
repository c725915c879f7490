"""Quarters of the restart: counts, which may still change, the centre and the longest run on one side of it."""

from datetime import date

import polars as pl
import pytest

from audit.figures.quarters import MIN_POINTS, centres, quarters

END = date(2024, 3, 31)


def counted(*rows: tuple[str, str, date | None], end: date = END) -> list[tuple[object, ...]]:
    """Return the quarters of restarts: day, verdict, and when time alone may change it."""
    episodes = pl.DataFrame(
        [(f"e{n}", date.fromisoformat(day)) for n, (day, _, _) in enumerate(rows)],
        schema={"episode_id": pl.String, "restart_date": pl.Date}, orient="row",
    )  # fmt: skip
    findings = pl.DataFrame(
        [(f"e{n}", "R", verdict, change) for n, (_, verdict, change) in enumerate(rows)],
        schema={"episode_id": pl.String, "rule_id": pl.String, "verdict": pl.String, "next_change_on": pl.Date},
        orient="row",
    )
    found = quarters(findings, episodes, end)
    return found.select("rule_id", "quarter", "restarts", "evaluable", "passed", "rate", "is_open").rows()


def test_restarts_are_counted_in_the_quarter_of_their_day() -> None:
    assert counted(
        ("2023-03-31", "pass", None), ("2023-01-01", "violation", None), ("2023-04-01", "pass", None),
        ("2023-04-02", "advisory", None), ("2023-04-03", "indeterminate", None), ("2023-04-04", "not_applicable", None),
    ) == [
        ("R", date(2023, 1, 1), 2, 2, 1, 0.5, False),
        ("R", date(2023, 4, 1), 4, 2, 1, 0.5, False),
    ]  # fmt: skip


def test_a_quarter_of_which_nothing_can_be_evaluated_has_no_rate() -> None:
    assert counted(("2023-01-01", "not_applicable", None)) == [("R", date(2023, 1, 1), 1, 0, 0, None, False)]
    assert counted() == []


def test_a_quarter_is_open_while_time_may_change_one_of_its_findings() -> None:
    rows = counted(("2023-01-01", "pass", None), ("2023-01-02", "pass", date(2025, 1, 1)), ("2023-04-01", "pass", None))
    assert [row[-1] for row in rows] == [True, False]


@pytest.mark.parametrize(("end", "is_open"), [(date(2023, 3, 30), True), (date(2023, 3, 31), False)])
def test_a_quarter_is_open_until_its_last_day(end: date, is_open: bool) -> None:
    assert [row[-1] for row in counted(("2023-01-01", "pass", None), end=end)] == [is_open]


def test_a_rate_has_its_wilson_interval() -> None:
    episodes = pl.DataFrame({"episode_id": [f"e{n}" for n in range(31)], "restart_date": [date(2023, 1, 1)] * 31})
    never = pl.lit(None, dtype=pl.Date)
    verdicts = pl.Series(["pass"] * 8 + ["advisory"] * 23)
    findings = episodes.select("episode_id", rule_id=pl.lit("R"), verdict=verdicts, next_change_on=never)
    row = quarters(findings, episodes, END).select("rate", "low", "high").row(0)
    assert row == pytest.approx((8 / 31, 0.1370, 0.4325), abs=5e-5)


def series(*rates: float | None, open_from: int = 99, rule: str = "R") -> pl.DataFrame:
    """Return a series of quarters, in the order given."""
    return pl.DataFrame(
        [(rule, date(2000 + n // 4, 1 + n % 4 * 3, 1), rate, n >= open_from) for n, rate in enumerate(rates)],
        schema={"rule_id": pl.String, "quarter": pl.Date, "rate": pl.Float64, "is_open": pl.Boolean}, orient="row",
    )  # fmt: skip


def centre(*rates: float | None, open_from: int = 99) -> tuple[object, ...]:
    [row] = centres(series(*rates, open_from=open_from)).rows()
    return row[1:]


ALTERNATING = [0.4, 0.8] * 6


def test_twelve_settled_quarters_have_their_median_as_centre_and_eleven_have_none() -> None:
    assert MIN_POINTS == 12
    points, middle, *_ = centre(*ALTERNATING)
    assert (points, middle) == (12, pytest.approx(0.6))
    assert centre(*ALTERNATING[:-1]) == (11, None, None, None)


def test_open_quarters_and_those_without_a_rate_count_for_nothing() -> None:
    assert centre(*ALTERNATING, open_from=11) == (11, None, None, None)
    assert centre(*ALTERNATING[:-1], None) == (11, None, None, None)
    points, middle, longest, _ = centre(*ALTERNATING, 0.0, 0.0, open_from=12)
    assert (points, middle, longest) == (12, pytest.approx(0.6), 1)
    assert centres(series(0.5, open_from=0)).height == 0


@pytest.mark.parametrize(
    ("rates", "longest", "limit"),
    [
        (ALTERNATING, 1, 7),  # log2(12) + 3 = 6.58
        ([0.9] * 6 + [0.1] * 6, 6, 7),
        ([0.9] * 8 + [0.1] * 8, 8, 7),  # log2(16) + 3 = 7: a shift
        ([0.9] * 4 + [0.5] + [0.9] * 2 + [0.1] * 6, 6, 7),  # one on the centre neither counts nor breaks a run
        ([0.9] * 6 + [0.5] * 2 + [0.1] * 5, None, None),  # eleven beside the centre
        ([1.0] * 13 + [0.5] * 12, None, None),  # all of these on one side of it
        ([0.5] * 12, None, None),  # all of them on it
    ],
)
def test_the_longest_run_on_one_side_stands_beside_what_chance_makes(
    rates: list[float], longest: int | None, limit: int | None
) -> None:
    assert centre(*rates)[2:] == (longest, limit)


def test_each_rule_has_its_own_runs() -> None:
    both = pl.concat([series(*[0.9] * 6, *[0.1] * 6, rule="A"), series(*[0.1] * 6, *[0.9] * 6, rule="B")])
    assert centres(both).select("rule_id", "points", "longest_run").rows() == [("A", 12, 6), ("B", 12, 6)]
