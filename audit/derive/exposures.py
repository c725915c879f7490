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
        .with_columns(end=pl.min_horizontal("planned_end", "observed_to"))
        .drop("start_date", "end_date", "days_supply")
    )
