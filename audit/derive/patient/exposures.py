"""Exposure records as the audit sees them. Days are integers (days since 1970-01-01) inside `derive`."""

import polars as pl


def observed(patients: pl.LazyFrame, feed_end: int) -> pl.LazyFrame:
    """Return one row a patient with `observed_to` and `closes_on` (observation end or death; null while open).

    A death that has a `death_note` closes nothing (rules.md section 2).
    """
    closes_on = pl.min_horizontal("observation_end", pl.when(pl.col("death_note").is_null()).then("death_date"))
    return patients.with_columns(closes_on=closes_on).with_columns(
        observed_to=pl.min_horizontal("closes_on", pl.lit(feed_end, dtype=pl.Int32))
    )


def records(exposures: pl.LazyFrame, observed: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row an exposure record with `start`, `end` (last dose day, within observed_to).

    `planned_end` is the end that the record itself states, null for an open one (rules.md section 2).
    """
    supplied = pl.col("start_date") + pl.col("days_supply").cast(pl.Int32) - 1
    return (
        exposures.join(observed.select("patient_id", "observed_to"), on="patient_id")
        .filter(pl.col("start_date") <= pl.col("observed_to"))
        .with_columns(start=pl.col("start_date"), planned_end=pl.coalesce("end_date", supplied))
        .pipe(_without_untold_overlap)
        .with_columns(end=pl.min_horizontal("planned_end", "observed_to"))
        .drop("start_date", "end_date", "days_supply")
    )


def _without_untold_overlap(records: pl.LazyFrame) -> pl.LazyFrame:
    """End a record whose length is not told the day before the next one of the same product and daily dose."""
    same = ["patient_id", "concept", "product", "daily_dose_mg"]
    starts = (
        records.select(*same, "start")
        .unique()
        .sort(*same, "start", nulls_last=True)
        .with_columns(next_start=pl.col("start").shift(-1).over(same))
    )
    ends = pl.min_horizontal("planned_end", pl.col("next_start") - 1)
    return (
        records.join(starts, on=[*same, "start"], how="left", nulls_equal=True)
        .with_columns(planned_end=pl.when(pl.col("length_basis").is_null()).then("planned_end").otherwise(ends))
        .drop("next_start")
    )
