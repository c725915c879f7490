"""Laboratory series: which results leave, when they say they were drawn, and how far they are rounded."""

from typing import Any

import polars as pl
import pytest

from flows.errors import Usage
from flows.export.research import series
from flows.export.research.profile import Series
from tests import released

LABS = """
-- labs
patient_id | analyte   | date       | value | comparator | x_uln | source_id
p1         | alt       | 2019-12-17 | 40    |            | 1.04  | early
p1         | alt       | 2019-12-18 | 40    |            | 1.06  | first
p1         | ast       | 2019-12-31 | 40    |            | 2     | before
p1         | alt       | 2020-01-01 | 40    | <          | 0.5   | day0
p1         | alt       | 2020-01-07 | 40    | >=         | 12.8  | day6
p1         | alt       | 2020-01-14 | 40    | <=         | 3.2   | last
p1         | alt       | 2020-01-15 | 40    |            | 3.2   | late
p1         | inr       | 2020-01-02 | 1     |            | 1     | other
p1         | ast       | 2020-01-03 | 40    |            |       | unlimited
p2         | alt       | 2020-01-02 | 40    | >          | 1     | stranger
p3         | alt       | 2020-01-02 | 40    | >          | 1     | hers
"""
LEAVING = pl.DataFrame(
    {
        "patient_id": ["p3", "p1", "p1"], "patient": ["a", "b", "b"], "episode": ["x", "z", "y"],
        "restart_date": pl.Series(["2020-01-01", "2020-01-01", "2020-01-09"]).str.to_date(),
    }
)  # fmt: skip


def told(analytes: list[str], first: int, last: int, time: str = "weeks") -> list[tuple[Any, ...]]:
    frames = released.frames(LABS)
    asked = Series(analytes=analytes, first_week=first, last_week=last)
    made = series.made(lambda name: frames[name].lazy(), asked, LEAVING, time)
    assert made.schema == {
        "patient": pl.String, "episode": pl.String, "analyte": pl.String, time: pl.Int64, "x_uln": pl.Float64,
        "bound": pl.String,
    }  # fmt: skip
    return made.rows()


def test_results_leave_by_week_of_each_restart_sorted_by_pseudonym() -> None:
    assert told(["alt", "ast"], -2, 1) == [
        ("a", "x", "alt", 0, 1.0, "at least"),
        ("b", "y", "alt", -2, 0.5, "at most"),
        ("b", "y", "alt", -1, 13.0, "at least"),
        ("b", "y", "alt", 0, 3.0, None),
        ("b", "y", "alt", 0, 3.0, "at most"),
        ("b", "y", "ast", -2, 2.0, None),
        ("b", "z", "alt", -2, 1.1, None),
        ("b", "z", "alt", 0, 0.5, "at most"),
        ("b", "z", "alt", 0, 13.0, "at least"),
        ("b", "z", "alt", 1, 3.0, "at most"),
        ("b", "z", "ast", -1, 2.0, None),
    ]


def test_results_of_other_weeks_and_analytes_stay() -> None:
    assert [row[1:5] for row in told(["alt"], 0, 0) if row[0] == "b"] == [
        ("y", "alt", 0, 3.0), ("y", "alt", 0, 3.0), ("z", "alt", 0, 0.5), ("z", "alt", 0, 13.0),
    ]  # fmt: skip


def test_days_leave_only_where_time_is_told_in_days() -> None:
    assert [row[3] for row in told(["alt"], -2, 1, "days") if row[1] == "z"] == [-14, 0, 6, 13]


@pytest.mark.parametrize("name", ["gold", "azathioprine", ""])
def test_what_is_no_laboratory_result_is_refused(name: str) -> None:
    series.require_analytes(["alt", "inr"], "small")
    with pytest.raises(Usage, match=f"^profile small: no laboratory result is called {name}$"):
        series.require_analytes(["alt", name], "small")
