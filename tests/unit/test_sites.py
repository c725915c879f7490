"""Sites beside the rate of all: counts, control limits, and which site lies outside of them."""

from math import sqrt

import polars as pl
import pytest

from audit.figures.sites import Z_998, limits, sites
from audit.measures import Z


def placed(*groups: tuple[str | None, int, int], rule: str = "R", other: int = 0) -> pl.DataFrame:
    """Return the sites of restarts: site, passed, violated; `other` of the first site cannot be evaluated."""
    rows = [
        (site, verdict) for site, passed, broken in groups for verdict in ["pass"] * passed + ["violation"] * broken
    ]
    rows += [(groups[0][0], verdict) for verdict in ["indeterminate", "not_applicable"] * other]
    episodes = pl.DataFrame(
        [(f"e{n}", site) for n, (site, _) in enumerate(rows)],
        schema={"episode_id": pl.String, "site_id": pl.String}, orient="row",
    )  # fmt: skip
    findings = pl.DataFrame(
        [(f"e{n}", rule, verdict) for n, (_, verdict) in enumerate(rows)],
        schema={"episode_id": pl.String, "rule_id": pl.String, "verdict": pl.String}, orient="row",
    )  # fmt: skip
    return sites(findings, episodes)


def test_a_site_has_its_counts_and_the_rate_of_all_beside_it_in_order_of_its_name() -> None:
    found = placed(("south", 10, 0), ("north", 20, 10), ("east", 0, 10), (None, 50, 0), other=3)
    assert found.select("rule_id", "site_id", "evaluable", "passed", "rate", "overall").rows() == [
        ("R", "east", 10, 0, 0.0, 0.6), ("R", "north", 30, 20, 20 / 30, 0.6), ("R", "south", 10, 10, 1.0, 0.6),
    ]  # fmt: skip


def test_limits_are_so_many_standard_errors_of_the_rate_of_all_and_lie_between_none_and_all() -> None:
    low, high = limits(pl.lit(0.6), pl.col("n"), Z)
    rows = pl.DataFrame({"n": [0, 1, 24, 2400]}).select(low=low, high=high).rows()
    assert rows[0] == (None, None)
    assert rows[1] == (0.0, 1.0)
    for (found_low, found_high), n in zip(rows[2:], (24, 2400), strict=True):
        assert (found_low, found_high) == pytest.approx((0.6 - Z * sqrt(0.24 / n), 0.6 + Z * sqrt(0.24 / n)))
    assert pytest.approx(3.0902, abs=5e-5) == Z_998


@pytest.mark.parametrize(
    ("passed", "outside"),
    # 100 of each of 2 sites: the rate of all is 0.5 where the other has 100 - passed. z = 1.96 is 9.8, 3.09 is 15.45.
    [
        (50, "none"),
        (59, "none"),
        (60, "95"),
        (65, "95"),
        (66, "998"),
        (41, "none"),
        (40, "95"),
        (35, "95"),
        (34, "998"),
    ],
)
def test_a_site_beyond_a_limit_is_outside_of_it(passed: int, outside: str) -> None:
    found = placed(("a", passed, 100 - passed), ("b", 100 - passed, passed))
    assert found["overall"].to_list() == [0.5, 0.5]
    assert found["outside"].to_list() == [outside, outside]


def test_a_site_is_outside_of_95_where_its_own_interval_leaves_out_the_rate_of_all() -> None:
    found = placed(*((f"s{n:02d}", n, 30 - n) for n in range(31)), ("large", 700, 300))
    misses = (found["low"] > found["overall"]) | (found["high"] < found["overall"])
    assert misses.to_list() == (found["outside"] != "none").to_list()
    assert set(found["outside"]) == {"none", "95", "998"}


def test_where_all_pass_or_none_no_site_is_outside() -> None:
    assert set(placed(("a", 5, 0), ("b", 1, 0))["outside"]) == {"none"}
    assert set(placed(("a", 0, 5), ("b", 0, 1))["outside"]) == {"none"}


def test_each_rule_has_its_own_rate_of_all_and_nobody_makes_no_site() -> None:
    assert placed(("a", 1, 0), other=1).select("evaluable", "overall").rows() == [(1, 1.0)]
    assert placed((None, 3, 1)).height == 0
