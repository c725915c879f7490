"""Monitoring along the days after the restart: of the slots that were due by then, how many a draw met."""

from datetime import date, timedelta

import polars as pl

from audit.frames import Judged
from audit.guideline import Guideline
from audit.measures import wilson

EPISODE = "episode_id"


def due_slots(judged: Judged, guideline: Guideline, feed_end: date) -> pl.DataFrame:
    """Return one row a phase (rule_id) and day after the restart on which windows ended: due, met, share and interval.

    A slot is due once its whole window lies within what is followed and known; one that was met before is counted from
    then on, else those that are still open would be counted where they were met alone. Excused slots count neither way.
    `first_day` and `last_day`: of the rolling phase all windows that ended in one of its steps are taken together.
    """
    settled = feed_end - timedelta(days=guideline["result_lag_days"].days)
    days = judged.episodes.select(EPISODE, "restart_date").join(
        judged.status_to_date.select(EPISODE, "censor_date"), on=EPISODE
    )
    day = (pl.col("window_end") - pl.col("restart_date")).dt.total_days().cast(pl.Int64)
    counted = (
        judged.slots.filter(pl.col("status").is_in(["met", "missed"]))
        .join(days, on=EPISODE)
        .filter(pl.col("window_end") <= pl.min_horizontal("censor_date", pl.lit(settled)))
        .with_columns(day=day)
        .with_columns(_steps(guideline))
        .group_by("rule_id", "first_day", "last_day")
        .agg(due=pl.len().cast(pl.Int64), met=(pl.col("status") == "met").sum().cast(pl.Int64))
    )
    low, high = wilson(pl.col("met"), pl.col("due"))
    return counted.with_columns(share=pl.col("met") / pl.col("due"), low=low, high=high).sort("rule_id", "last_day")


def _steps(guideline: Guideline) -> list[pl.Expr]:
    """Return the days that are taken together: a day of a fixed phase, a step of the rolling one."""
    day, rolling = pl.col("day"), guideline.schedule.long_term
    if rolling is None:
        return [day.alias("first_day"), day.alias("last_day")]
    before = (day - 1) // rolling.step * rolling.step
    is_rolling = pl.col("rule_id") == rolling.rule
    return [
        pl.when(is_rolling).then(before + 1).otherwise(day).alias("first_day"),
        pl.when(is_rolling).then(before + rolling.step).otherwise(day).alias("last_day"),
    ]
