"""Measures: counts and rates by rule and stratum, with Wilson 95 % intervals."""

import polars as pl

from audit.frames import MEASURES
from audit.guideline import Guideline

Z = 1.959963984540054  # the normal quantile of a two-sided 95 % interval


def wilson(passed: pl.Expr, total: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return the Wilson score interval of passed / total; null where total is 0 (Wilson 1927)."""
    n = pl.when(total > 0).then(total.cast(pl.Float64))
    share = passed / n
    middle, spread = share + Z**2 / (2 * n), (share * (1 - share) / n + Z**2 / (4 * n**2)).sqrt() * Z
    scale = 1 + Z**2 / n
    # Floating point alone takes an end past 0 or 1.
    return ((middle - spread) / scale).clip(lower_bound=0), ((middle + spread) / scale).clip(upper_bound=1)


def measures(episodes: pl.DataFrame, findings: pl.DataFrame, guideline: Guideline) -> pl.DataFrame:
    """Return one row a rule, stratum and level, and the descriptive recurrence rows."""
    strata = _strata(episodes)
    verdict = pl.col("verdict")
    counted = (
        strata.join(findings.lazy().select("episode_id", "rule_id", "verdict"), on="episode_id")
        .group_by("rule_id", "stratum", "level")
        .agg(
            episodes=pl.len().cast(pl.Int64),
            applicable=(verdict != "not_applicable").sum().cast(pl.Int64),
            evaluable=(~verdict.is_in(["not_applicable", "indeterminate"])).sum().cast(pl.Int64),
            passed=(verdict == "pass").sum().cast(pl.Int64),
            advisory=(verdict == "advisory").sum().cast(pl.Int64),
            violation=(verdict == "violation").sum().cast(pl.Int64),
            indeterminate=(verdict == "indeterminate").sum().cast(pl.Int64),
        )
        .with_columns(numerator="passed")
    )
    rows = pl.concat([counted, _recurrence(episodes, guideline)], how="diagonal")
    low, high = wilson(pl.col("numerator"), pl.col("evaluable"))
    share = pl.col("numerator") / pl.when(pl.col("evaluable") > 0).then("evaluable")
    return rows.with_columns(rate=share, rate_low=low, rate_high=high).select(MEASURES.names).collect()


def _strata(episodes: pl.DataFrame) -> pl.LazyFrame:
    """Return one row an episode, stratum and level; an episode with two indications stands under both."""
    levels = {
        "overall": pl.lit("all"),
        "site": pl.col("site_id").fill_null("unknown"),
        "indication": pl.col("indications").fill_null("unknown").str.split("|"),
        "grade": pl.col("grade"),
        "restart_month": pl.col("restart_date").dt.to_string("%Y-%m"),
    }
    frames = []
    for stratum, level in levels.items():
        frame = episodes.lazy().select("episode_id", stratum=pl.lit(stratum), level=level)
        frames.append(frame.explode("level") if stratum == "indication" else frame)
    return pl.concat(frames)


def _recurrence(episodes: pl.DataFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return the recurrence rate overall and by regimen, among episodes followed long enough or with an event.

    Where a censored value leaves the recurrence open the episode is indeterminate.
    """
    long_enough = pl.col("days_covered") >= guideline["recurrence_min_follow_up_days"].days
    event = pl.col("recurrence")
    regimen = (
        pl.when(pl.col("alternate_day").is_null())
        .then(pl.lit("unknown"))
        .when("alternate_day")
        .then(pl.lit("alternate_day"))
        .otherwise(pl.lit("daily"))
    )
    rows = episodes.lazy().select(event=event, applicable=long_enough | event.fill_null(value=True), regimen=regimen)
    parts = [
        rows.with_columns(rule_id=pl.lit("recurrence"), stratum=pl.lit("overall"), level=pl.lit("all")),
        *(
            rows.with_columns(rule_id=pl.lit(rule_id), stratum=pl.lit("regimen"), level="regimen")
            for rule_id in guideline.taking("alternate_day")
        ),
    ]
    applicable = pl.col("applicable")
    return (
        pl.concat(parts)
        .group_by("rule_id", "stratum", "level")
        .agg(
            episodes=pl.len().cast(pl.Int64),
            applicable=applicable.sum().cast(pl.Int64),
            evaluable=(applicable & pl.col("event").is_not_null()).sum().cast(pl.Int64),
            indeterminate=pl.col("event").is_null().sum().cast(pl.Int64),
            numerator=pl.col("event").fill_null(value=False).sum().cast(pl.Int64),
        )
    )
