"""Sites beside the rate of all, as a funnel plot has them: control limits that narrow with the number of restarts.

A limit is where the rate of all ends to lie within a site's score interval: the overall rate +/- z times the square
root of rate x (1 - rate) / n. So a site lies outside of its 95 % limits where, and only where, its Wilson interval
leaves out the rate of all (Spiegelhalter 2005, with the score test in place of the exact one).
"""

import polars as pl

from audit.measures import Z, wilson

EPISODE = "episode_id"
Z_998 = 3.090232306167813  # the normal quantile of a two-sided 99.8 % interval


def limits(overall: pl.Expr, n: pl.Expr, z: float) -> tuple[pl.Expr, pl.Expr]:
    """Return the control limits of a rate of n at an overall rate; null where n is 0."""
    spread = z * (overall * (1 - overall) / pl.when(n > 0).then(n)).sqrt()
    return (overall - spread).clip(lower_bound=0), (overall + spread).clip(upper_bound=1)


def sites(findings: pl.DataFrame, episodes: pl.DataFrame) -> pl.DataFrame:
    """Return one row a rule and site that it can be evaluated at: evaluable, passed, rate with Wilson interval.

    `overall` is the rate of all these sites, `low_95` .. `high_998` its control limits for the site's number;
    `outside`: none, 95 or 998, the widest limits that the site lies outside of. Restarts without a site are of none.
    Sorted by the name of the site: there is no ranking.
    """
    placed = episodes.filter(pl.col("site_id").is_not_null()).select(EPISODE, "site_id")
    counted = (
        findings.filter(~pl.col("verdict").is_in(["not_applicable", "indeterminate"]))
        .join(placed, on=EPISODE)
        .group_by("rule_id", "site_id")
        .agg(evaluable=pl.len().cast(pl.Int64), passed=(pl.col("verdict") == "pass").sum().cast(pl.Int64))
        .with_columns(overall=pl.col("passed").sum().over("rule_id") / pl.col("evaluable").sum().over("rule_id"))
    )
    rate, n = pl.col("rate"), pl.col("evaluable")
    (low, high), (low_95, high_95), (low_998, high_998) = (
        wilson(pl.col("passed"), n),
        limits(pl.col("overall"), n, Z),
        limits(pl.col("overall"), n, Z_998),
    )
    return (
        counted.with_columns(rate=pl.col("passed") / n, low=low, high=high)
        .with_columns(low_95=low_95, high_95=high_95, low_998=low_998, high_998=high_998)
        .with_columns(
            outside=pl.when((rate < pl.col("low_998")) | (rate > pl.col("high_998"))).then(pl.lit("998"))
            .when((rate < pl.col("low_95")) | (rate > pl.col("high_95"))).then(pl.lit("95"))
            .otherwise(pl.lit("none"))
        )
        .sort("rule_id", "site_id")
    )  # fmt: skip
