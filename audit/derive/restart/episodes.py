"""Audit episodes: breaks that a qualifying elevation led to, with the onset of the injury (rules.md 3.4)."""

import polars as pl

from audit.guideline import Guideline

PATIENT = "patient_id"
BREAK = [PATIENT, "restart_date"]


def qualified(auditable: pl.LazyFrame, draws: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return the auditable breaks with `qualified_on`, the earliest qualifying day; the rest drop out."""
    before = guideline["index_elevation_window_before_stop"].days
    after = guideline["index_elevation_window_after_stop"].days
    day, stop = pl.col("date"), pl.col("stop_date")
    elevated = (
        auditable.join(draws.select(PATIENT, "date", "qualifies", "qualifies_documented"), on=PATIENT)
        .filter(
            day.is_between(stop - before, stop + after),
            day > pl.col("earlier_start"),
            day < pl.col("restart_date"),
        )
        .group_by(BREAK)
        .agg(
            first_qualifying=day.filter("qualifies").min(),
            first_documented=day.filter("qualifies_documented").min(),
        )
    )
    documented = pl.when("ends_for_liver").then("first_documented")
    return (
        auditable.join(elevated, on=BREAK)
        .with_columns(qualified_on=pl.coalesce("first_qualifying", documented))
        .filter(pl.col("qualified_on").is_not_null())
        .drop("first_qualifying", "first_documented")
    )


def onsets(qualified: pl.LazyFrame, draws: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Add `onset_date`: the first day of the unbroken run of raised draws up to the qualifying day."""
    day = pl.col("date")
    earliest = pl.max_horizontal(
        pl.col("earlier_start") + 1, pl.col("stop_date") - guideline["injury_run_max_days"].days
    )
    run = (
        qualified.join(draws.select(PATIENT, "date", "qualifies"), on=PATIENT)
        .filter(day.is_between(earliest, pl.col("qualified_on")))
        .with_columns(broken_on=day.filter(~pl.col("qualifies") & (day < pl.col("qualified_on"))).max().over(BREAK))
        .filter(pl.col("broken_on").is_null() | (day > pl.col("broken_on")))
        .group_by(BREAK)
        .agg(onset_date=day.min())
    )
    # Where the qualifying day lies before the earliest day that the run may reach, it is its own onset.
    return qualified.join(run, on=BREAK, how="left").with_columns(onset_date=pl.coalesce("onset_date", "qualified_on"))


def identified(onsets: pl.LazyFrame) -> pl.LazyFrame:
    """Add `episode_id`, a function of patient and restart date alone, and `censor_date`."""
    restart = pl.col("restart_date").cast(pl.Date).dt.to_string("%Y%m%d")
    return onsets.with_columns(
        episode_id=pl.concat_str(pl.col(PATIENT), restart, separator="-"),
        censor_date=pl.min_horizontal("last_dose", "observed_to"),
    ).sort("episode_id")
