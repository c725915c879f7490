"""Rates by the quarter of the restart, as a run chart has them: settled quarters apart from those that may change.

The centre is the median of the settled quarters, and none is drawn of few. A shift: a run on one side of it that is
longer than chance makes it in one series of twenty (Anhoej and Olesen 2014): log2 of its points, and three.
"""

from datetime import date

import polars as pl

from audit.measures import wilson

EPISODE = "episode_id"
MIN_POINTS = 12


def quarters(findings: pl.DataFrame, episodes: pl.DataFrame, feed_end: date) -> pl.DataFrame:
    """Return one row a rule and quarter (its first day): restarts, evaluable, passed, rate and Wilson interval.

    `is_open`: the quarter is not over, or time alone may change one of its findings. A rate of nothing is null.
    """
    verdict = pl.col("verdict")
    quarter = pl.col("restart_date").dt.truncate("1q")
    dated = findings.join(episodes.select(EPISODE, quarter=quarter), on=EPISODE)
    counted = dated.group_by("rule_id", "quarter").agg(
        restarts=pl.len().cast(pl.Int64),
        evaluable=(~verdict.is_in(["not_applicable", "indeterminate"])).sum().cast(pl.Int64),
        passed=(verdict == "pass").sum().cast(pl.Int64),
        may_change=pl.col("next_change_on").is_not_null().any(),
    )
    low, high = wilson(pl.col("passed"), pl.col("evaluable"))
    is_over = pl.col("quarter").dt.offset_by("1q") <= pl.lit(feed_end).dt.offset_by("1d")
    return (
        counted.with_columns(is_open=pl.col("may_change") | ~is_over)
        .with_columns(rate=pl.col("passed") / pl.when(pl.col("evaluable") > 0).then("evaluable"), low=low, high=high)
        .select("rule_id", "quarter", "restarts", "evaluable", "passed", "rate", "low", "high", "is_open")
        .sort("rule_id", "quarter")
    )


def centres(quarters: pl.DataFrame) -> pl.DataFrame:
    """Return one row a rule with a settled rate: `points`, `centre` (null below MIN_POINTS), and its `longest_run`.

    `run_limit`: the longest run on one side that chance explains. Points on the centre itself belong to neither; with
    few beside it, or all on one side, both are null.
    """
    settled = quarters.filter(~pl.col("is_open"), pl.col("rate").is_not_null()).sort("rule_id", "quarter")
    by_rule = settled.group_by("rule_id", maintain_order=True).agg(
        points=pl.len().cast(pl.Int64), centre=pl.when(pl.len() >= MIN_POINTS).then(pl.col("rate").median())
    )
    side = (pl.col("rate") - pl.col("centre")).sign()
    sided = settled.join(by_rule, on="rule_id").with_columns(side=side).filter(pl.col("side") != 0)
    turned = pl.col("side") != pl.col("side").shift(1).over("rule_id")
    runs = (
        sided.with_columns(run=turned.fill_null(value=True).cum_sum())
        .group_by("rule_id", "run")
        .agg(length=pl.len().cast(pl.Int64), side=pl.first("side"))
        .group_by("rule_id")
        .agg(
            longest_run=pl.col("length").max(),
            run_limit=(pl.col("length").sum().log(2) + 3).round(mode="half_away_from_zero").cast(pl.Int64),
            is_told=(pl.col("length").sum() >= MIN_POINTS) & (pl.col("side").n_unique() > 1),
        )
        .filter("is_told")
        .drop("is_told")
    )
    return by_rule.join(runs, on="rule_id", how="left").sort("rule_id")
