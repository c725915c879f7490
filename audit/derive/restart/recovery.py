"""The last ALT and AST before the restart, held against their limits (RST-01)."""

import polars as pl

from audit.derive.patient.compare import above
from audit.derive.restart.injury import of_episode
from audit.guideline import Guideline

EPISODE = "episode_id"


def last_before_restart(episodes: pl.LazyFrame, enzymes: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return the results of the latest day per episode and analyte in [stop_date, restart_date].

    `limit` is the larger of the result's ULN and the tolerated multiple of the baseline.
    """
    factor, epsilon = guideline["return_to_baseline_factor"].number, guideline["ratio_epsilon"].number
    limit = pl.max_horizontal("uln", factor * pl.col("baseline"))
    is_above = above(limit, 1.0, epsilon)
    return (
        of_episode(episodes, enzymes, pl.col("stop_date"), pl.col("restart_date"))
        .filter(pl.col("date") == pl.col("date").max().over(EPISODE, "concept"))
        .with_columns(limit=limit, above_limit=is_above.certain, above_limit_possible=is_above.possible)
    )


def recovery(last: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row an episode with a value: <analyte>_date, _above, _above_possible, _multiple of its limit."""

    def of(analyte: str) -> list[pl.Expr]:
        mine = pl.col("concept") == analyte
        return [
            pl.col("date").filter(mine).max().alias(f"{analyte}_date"),
            pl.col("above_limit").filter(mine).any().alias(f"{analyte}_above"),
            pl.col("above_limit_possible").filter(mine).any().alias(f"{analyte}_above_possible"),
            (pl.col("value") / pl.col("limit")).filter(mine).max().alias(f"{analyte}_x_limit"),
        ]

    return last.group_by(EPISODE).agg(*of("alt"), *of("ast"))
