"""Descriptive columns of an episode: weight, blood counts, comedication, indications, draw gaps."""

import polars as pl

from audit.derive.patient.breaks import other_thiopurines
from audit.derive.patient.compare import at_least, interval
from audit.guideline import Guideline
from audit.vocabulary import INDICATIONS

PATIENT, EPISODE = "patient_id", "episode_id"
CYTOPENIAS = {"wbc": "wbc_low", "anc": "anc_low", "platelets": "platelets_low"}


def weights(episodes: pl.LazyFrame, labs: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row an episode: the latest recent weight on or before the restart, in kg."""
    age = guideline["weight_max_age_days"].days
    return (
        episodes.select(EPISODE, PATIENT, "restart_date")
        .join(labs.filter(pl.col("concept") == "body_weight", pl.col("comparator").is_null()), on=PATIENT)
        .filter(pl.col("date").is_between(pl.col("restart_date") - age, pl.col("restart_date")))
        .sort(EPISODE, "date", "value", "result_id")
        .unique(EPISODE, keep="last", maintain_order=True)
        .select(EPISODE, weight_kg="value")
    )


def cytopenias(
    episodes: pl.LazyFrame, labs: pl.LazyFrame, segments: pl.LazyFrame, guideline: Guideline
) -> pl.LazyFrame:
    """Return one row an episode with low counts: results certainly below their limit, on drug after day 0."""
    epsilon = guideline["ratio_epsilon"].number
    low = pl.concat(
        labs.filter(pl.col("concept") == concept)
        .pipe(interval)
        .filter(~at_least(guideline[limit].number, 1.0, epsilon).possible)
        .select(PATIENT, "concept", "date", "result_id")
        for concept, limit in CYTOPENIAS.items()
    )
    cover = episodes.select(EPISODE, PATIENT, "course", "restart_date").join(
        segments.select(PATIENT, "course", "seg_start", "seg_end"), on=[PATIENT, "course"]
    )
    on_drug = (
        cover.join(low, on=PATIENT)
        .filter(
            pl.col("date") > pl.col("restart_date"),
            pl.col("date").is_between(pl.col("seg_start"), pl.col("seg_end") + 1),
        )
        .unique([EPISODE, "result_id"])
    )
    return on_drug.group_by(EPISODE).agg(
        (pl.col("concept") == concept).sum().cast(pl.Int64).alias(f"low_{concept}_count") for concept in CYTOPENIAS
    )


def comedication(episodes: pl.LazyFrame, records: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row an episode: systemic_corticosteroid after the restart, other_thiopurine_in_break."""
    days = guideline["corticosteroid_window_days"].days

    def covered(drugs: pl.LazyFrame, start: pl.Expr, end: pl.Expr, name: str) -> pl.LazyFrame:
        return (
            episodes.select(EPISODE, PATIENT, from_day=start, to_day=end)
            .join(drugs.select(PATIENT, "start", "end"), on=PATIENT)
            .filter(pl.col("start") <= pl.col("to_day"), pl.col("end") >= pl.col("from_day"))
            .select(EPISODE, pl.lit(value=True).alias(name))
            .unique()
        )

    restart, stop = pl.col("restart_date"), pl.col("stop_date")
    steroids = records.filter(pl.col("concept") == "corticosteroid_systemic")
    return (
        episodes.select(EPISODE)
        .join(covered(steroids, restart, restart + days, "systemic_corticosteroid"), on=EPISODE, how="left")
        .join(
            covered(other_thiopurines(records, guideline), stop, restart - 1, "other_thiopurine_in_break"),
            on=EPISODE,
            how="left",
        )
        .with_columns(pl.col("systemic_corticosteroid", "other_thiopurine_in_break").fill_null(value=False))
    )


def indications(episodes: pl.LazyFrame, events: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row an episode with an indication coded on or before restart: names joined by |."""
    return (
        episodes.select(EPISODE, PATIENT, "restart_date")
        .join(events.filter(pl.col("concept").is_in(INDICATIONS)), on=PATIENT)
        .filter(pl.col("date") <= pl.col("restart_date"))
        .group_by(EPISODE)
        .agg(indications=pl.col("concept").unique().sort().str.join("|"))
    )


def draw_gaps(episodes: pl.LazyFrame, course_draws: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row an episode: the longest stretch of days without a draw, day 0 to the censor date."""
    ends = pl.concat(
        [
            episodes.select(EPISODE, date="restart_date"),
            course_draws.select(EPISODE, "date"),
            episodes.select(EPISODE, date="censor_date"),
        ]
    ).sort(EPISODE, "date")
    return ends.group_by(EPISODE, maintain_order=True).agg(
        longest_draw_gap_days=pl.col("date").diff().max().cast(pl.Int64)
    )
