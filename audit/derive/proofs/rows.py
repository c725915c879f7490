"""What every row of evidence says of itself, whatever table it is of."""

import polars as pl

PATIENT, EPISODE = "patient_id", "episode_id"
COMMON = ("source_table", "source_id", "date", "concept", "value", "comparator", "unit", "x_uln", "x_reference")
UNMEASURED = {
    **dict.fromkeys(("value", "x_uln", "x_reference"), pl.lit(None, dtype=pl.Float64)),
    **dict.fromkeys(("comparator", "unit"), pl.lit(None, dtype=pl.String)),
}


def of_results(results: pl.LazyFrame) -> pl.LazyFrame:
    """Name the source of laboratory results that are held against their limits."""
    return results.with_columns(source_table=pl.lit("lab_results"), source_id="result_id")


def of_records(records: pl.LazyFrame) -> pl.LazyFrame:
    """Name the source of exposure records; the value is the daily dose, the date their first day."""
    dose = {"value": pl.col("daily_dose_mg"), "unit": pl.lit("mg/d")}
    source = {"source_table": pl.lit("drug_exposures"), "source_id": pl.col("exposure_id"), "date": pl.col("start")}
    return records.with_columns(**(UNMEASURED | dose), **source)


def of_events(events: pl.LazyFrame) -> pl.LazyFrame:
    """Name the source of clinical events."""
    return events.with_columns(**UNMEASURED, source_table=pl.lit("clinical_events"), source_id="event_id")
