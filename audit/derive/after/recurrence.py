"""Recurrence after the restart and what followed it (STP-04); a mild rise that ended the drug (STP-05)."""

import polars as pl

from audit.derive.after.symptoms import concepts
from audit.derive.after.triggers import after_restart
from audit.guideline import Guideline

PATIENT, EPISODE = "patient_id", "episode_id"


def recurrences(
    episodes: pl.LazyFrame, draws: pl.LazyFrame, triggers: pl.LazyFrame, guideline: Guideline
) -> pl.LazyFrame:
    """Return one row an episode and day of recurrence: a stop trigger, or an enzyme at its multiple.

    Counted to some days after the last dose, but before any further course.
    """
    reach = pl.col("last_dose") + guideline["recurrence_after_stop_days"].days
    enzyme = (
        after_restart(episodes, draws, "recurs")
        .join(episodes.select(EPISODE, "last_dose", "further_start"), on=EPISODE)
        .filter(pl.col("date") <= reach)
        .filter(pl.col("further_start").is_null() | (pl.col("date") < pl.col("further_start")))
        .select(EPISODE, "date", "is_certain")
    )
    return pl.concat([triggers.select(EPISODE, "date", "is_certain"), enzyme])


def recurrence(recurrences: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row an episode with a possible recurrence: its first certain and first possible day."""
    day = pl.col("date")
    return recurrences.group_by(EPISODE).agg(recurred_on=day.filter("is_certain").min(), may_have_recurred_on=day.min())


def lookback(episodes: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return the days before each restart course's own stop that explain it: from_day .. end_day."""
    back = guideline["overdiscontinuation_lookback_days"].days
    stop = pl.col("last_dose") + 1
    return episodes.select(
        EPISODE, PATIENT, from_day=pl.max_horizontal(stop - back, pl.col("restart_date") + 1), end_day=stop
    )


def mild_rises(
    lookback: pl.LazyFrame,
    draws: pl.LazyFrame,
    bilirubin_days: pl.LazyFrame,
    events: pl.LazyFrame,
    guideline: Guideline,
) -> pl.LazyFrame:
    """Return one row an episode with draws before its stop: what they show (STP-05)."""
    is_inside = pl.col("date").is_between("from_day", "end_day")
    day = pl.col("date")
    flags = ["raised", "at_stop", "at_absolute"]
    answers = [name for flag in flags for name in (flag, f"{flag}_possible")]
    window = lookback.join(draws.select(PATIENT, "date", *answers), on=PATIENT).filter(is_inside)
    first = day.filter("raised").min()
    first_possible = day.filter("raised_possible").min()
    enzyme = window.group_by(EPISODE).agg(
        pl.col(answers).any(),
        first_raised=first,
        draws_since=(day >= first).sum().cast(pl.Int64),
        draws_since_possible=(day >= first_possible).sum().cast(pl.Int64),
    )
    bilirubin = (
        lookback.join(bilirubin_days, on=PATIENT)
        .filter(is_inside)
        .group_by(EPISODE)
        .agg(
            bilirubin_raised=pl.col("at_stop_bilirubin").any(),
            bilirubin_raised_possible=pl.col("at_stop_bilirubin_possible").any(),
        )
    )
    symptom = (
        lookback.join(events.filter(pl.col("concept").is_in(concepts(guideline.symptoms))), on=PATIENT)
        .filter(is_inside)
        .select(EPISODE, is_symptomatic=pl.lit(value=True))
        .unique()
    )
    return enzyme.join(bilirubin, on=EPISODE, how="left").join(symptom, on=EPISODE, how="left")
