"""Stability blocks and the extension of the schedule (rules.md section 6)."""

import polars as pl

from audit.guideline import Guideline

PATIENT, EPISODE = "patient_id", "episode_id"


def course_draws(episodes: pl.LazyFrame, draws: pl.LazyFrame) -> pl.LazyFrame:
    """Return the draw days of each restart course, day 1 to the censor date, sorted."""
    return (
        episodes.select(EPISODE, PATIENT, "restart_date", "censor_date")
        .join(draws.select(PATIENT, "date", "unstable", "unstable_possible"), on=PATIENT)
        .filter(pl.col("date") > pl.col("restart_date"), pl.col("date") <= pl.col("censor_date"))
        .drop(PATIENT)
        .sort(EPISODE, "date")
    )


def extensions(episodes: pl.LazyFrame, course_draws: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row an episode and number of extension blocks that its values allow.

    Uncensored values allow one number; `is_certain` marks the one that certain instability gives.
    `block_ends_on` is the end of the first block that is not over yet.
    """
    stability, length = guideline.schedule.stability, guideline.schedule.block_days
    limit = guideline["max_extension_blocks"].days if guideline["unstable_extends"].value else 0
    base = episodes.select(EPISODE, "restart_date", "censor_date")
    if stability is None:
        return base.select(
            EPISODE, blocks=pl.lit(0, dtype=pl.Int32), is_certain=pl.lit(value=True),
            block_ends_on=pl.lit(None, dtype=pl.Int32),
        )  # fmt: skip
    first, last = stability.first_day, stability.last_day
    block = ((pl.col("date") - pl.col("restart_date") - first) // length).cast(pl.Int32)
    ends_on = pl.col("restart_date") + last + length * pl.col("block")
    judged = (
        course_draws.with_columns(block=block)
        .filter(pl.col("date") >= pl.col("restart_date") + first, pl.col("block") < limit)
        .filter(ends_on <= pl.col("censor_date"))
        .group_by(EPISODE, "block")
        .agg(pl.col("unstable", "unstable_possible").any())
        .sort(EPISODE, "block")
        .with_columns(
            is_reached=(pl.col("unstable_possible") & (pl.col("block") == pl.int_range(pl.len())))
            .cast(pl.Int32)
            .cum_min()
            .over(EPISODE)
            .cast(pl.Boolean),
        )
    )
    reached = judged.filter("is_reached")
    furthest = base.join(reached.group_by(EPISODE).agg(blocks=pl.len().cast(pl.Int32)), on=EPISODE, how="left")
    open_blocks = pl.concat(
        [
            furthest.select(EPISODE, pl.col("blocks").fill_null(0)),
            reached.filter(~pl.col("unstable")).select(EPISODE, blocks="block"),
        ]
    )
    ends = pl.col("restart_date") + last + length * pl.col("blocks")
    return (
        open_blocks.join(base, on=EPISODE)
        .with_columns(
            is_certain=pl.col("blocks") == pl.col("blocks").min().over(EPISODE),
            block_ends_on=pl.when(pl.col("blocks") < limit, ends > pl.col("censor_date")).then(ends),
        )
        .select(EPISODE, "blocks", "is_certain", "block_ends_on")
        .sort(EPISODE, "blocks")
    )
