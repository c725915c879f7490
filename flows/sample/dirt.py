"""What is wrong with some rows of a real extract, at the shares of `proportions`.

Each function takes the clean rows of a table and returns them soiled; a row has one defect at most. Extra rows
(duplicates, later versions) follow the rows of their patient.
"""

from datetime import date, datetime, time, timedelta

import polars as pl

from flows.sample.dice import Rng, defects
from flows.sample.proportions import (
    COMPARATORS,
    EVENT_DIRT,
    EXPOSURE_DIRT,
    EXTRACTED_ON,
    LAB_DIRT,
    PATIENT_DIRT,
    STAY_DIRT,
    Shares,
)

LAST_SECOND = datetime.combine(EXTRACTED_ON, time(23, 59, 59))
SPREADSHEET_ZERO = date(1899, 12, 30)
DEFECT = pl.col("defect")


def marked(rng: Rng, frame: pl.DataFrame, shares: Shares) -> pl.DataFrame:
    """Add the defect of each row (empty: none) and a number to vary it by."""
    return frame.with_columns(
        pl.Series("defect", defects(rng, shares, frame.height)), pl.Series("variant", rng.integers(0, 3, frame.height))
    )


def having(defect: str, changed: pl.Expr, column: str) -> pl.Expr:
    """Return the column, changed in the rows that have the defect."""
    return pl.when(DEFECT.eq(defect)).then(changed).otherwise(pl.col(column)).alias(column)


def one_of(values: list[float] | list[str]) -> pl.Expr:
    """Return one of three values by the row's variant."""
    first, second, third = (pl.lit(value) for value in values)
    return pl.when(pl.col("variant") == 0).then(first).when(pl.col("variant") == 1).then(second).otherwise(third)


def copies(frame: pl.DataFrame, defect: str, *changes: pl.Expr) -> pl.DataFrame:
    """Return a changed copy of each row that has the defect."""
    return frame.filter(DEFECT.eq(defect)).with_columns(*changes)


def stranger() -> pl.Expr:
    """Return an id that no patient has."""
    return pl.lit("99") + pl.col("patient_id")


def finished(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Return all rows in order of patient, extra rows after their own, without the marks."""
    return pl.concat(parts).sort("place", maintain_order=True).drop("defect", "variant")


def censored(rng: Rng, labs: pl.DataFrame) -> pl.DataFrame:
    """Report some high values as above a ceiling, and some very low ones as below a floor."""
    multiple = pl.col("value") / pl.col("reference_high")
    magnitude = pl.lit(10.0).pow(pl.col("value").log10().floor())
    luck = pl.Series("luck", rng.random(labs.height))
    is_high = (DEFECT == "") & (multiple > 3) & (pl.col("luck") < COMPARATORS["above_ceiling"])
    is_low = (DEFECT == "") & (multiple < 0.22) & (pl.col("luck") < COMPARATORS["below_floor"])
    floor = ((pl.col("value") / magnitude).floor() * magnitude).round(2)
    ceiling = ((pl.col("value") / magnitude).ceil() * magnitude).round(2)
    return (
        labs.with_columns(luck)
        .with_columns(
            comparator=pl.when(is_high).then(pl.lit(">")).when(is_low).then(pl.lit("<")),
            value=pl.when(is_high).then(floor).when(is_low).then(ceiling).otherwise(pl.col("value")),
        )
        .drop("luck")
    )


def soiled_labs(rng: Rng, labs: pl.DataFrame) -> pl.DataFrame:
    """Return lab_results with wrong units, values, limits, dates and patients, and several versions of some."""
    labs = censored(rng, marked(rng, labs, LAB_DIRT))
    changed = labs.with_columns(
        having("implausible_value", one_of([99_999.0, 0.0, -1.0]), "value"),
        pl.when(DEFECT == "not_a_number").then(one_of(["haemolysed", "see comment", "___"])).alias("value_text"),
        having("unknown_unit", pl.lit("arb.u"), "unit"),
        pl.when(DEFECT == "limit_implausible")
        .then(one_of([5.0, 900.0, 0.01]))
        .when(~DEFECT.is_in(("unit_and_limit_missing", "limit_missing")))
        .then(pl.col("reference_high"))
        .alias("reference_high"),
        pl.when(DEFECT == "retracted_only")
        .then(one_of(["entered-in-error", "entered-in-error", "cancelled"]))
        .when(DEFECT == "preliminary")
        .then(pl.lit("preliminary"))
        .otherwise(pl.col("status"))
        .alias("status"),
        having("unknown_patient", stranger(), "patient_id"),
        having("recorded_after_extract", pl.lit(LAST_SECOND + timedelta(days=20)), "recorded_at"),
    ).with_columns(
        pl.when(~DEFECT.is_in(("unit_missing", "unit_and_limit_missing"))).then(pl.col("unit")).alias("unit"),
        having("no_patient", pl.lit(None, dtype=pl.String), "patient_id"),
        pl.when(DEFECT == "before_1900")
        .then(pl.lit(SPREADSHEET_ZERO).cast(pl.Datetime("us")))
        .when(DEFECT == "mistyped_year")
        .then(pl.col("collected_at").dt.offset_by("40y"))
        .when(DEFECT != "no_date")
        .then(pl.col("collected_at"))
        .alias("collected_at"),
    )
    return finished([changed, *later_versions(changed)])


def later_versions(labs: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the extra rows of lab_results: copies, corrections, retractions, versions that contradict each other."""
    since = pl.coalesce("recorded_at", "collected_at") + pl.duration(hours=30)
    later = pl.min_horizontal(since, pl.lit(LAST_SECOND)).alias("recorded_at")
    return [
        copies(labs, "duplicate"),
        copies(labs, "correction", (pl.col("value") * 1.5).round(2), pl.lit("corrected").alias("status"), later),
        copies(labs, "retracted_later", pl.lit("entered-in-error").alias("status"), later),
        copies(labs, "conflicting_versions", pl.col("value") + 1),
    ]


def soiled_exposures(rng: Rng, exposures: pl.DataFrame) -> pl.DataFrame:
    """Return drug_exposures with impossible ends, doses, dates and patients, and corrected ones."""
    changed = marked(rng, exposures, EXPOSURE_DIRT).with_columns(
        having("ends_before_start", pl.col("start_date") - pl.duration(days=4), "end_date"),
        pl.when(DEFECT == "dose_implausible")
        .then(one_of([5_000.0, 2.0, 0.0]))
        .when(DEFECT != "dose_missing")
        .then(pl.col("daily_dose_mg"))
        .alias("daily_dose_mg"),
        having("unknown_patient", stranger(), "patient_id"),
        having("before_1900", pl.lit(SPREADSHEET_ZERO), "start_date"),
        having("recorded_after_extract", pl.lit(EXTRACTED_ON + timedelta(days=20)), "recorded_at"),
    )
    later = pl.col("recorded_at") + pl.duration(days=1)
    corrected = copies(changed, "correction", pl.col("daily_dose_mg") + 25, later)
    return finished([changed, copies(changed, "duplicate"), corrected])


def soiled_events(rng: Rng, events: pl.DataFrame) -> pl.DataFrame:
    """Return clinical_events with impossible dates and patients, and copies."""
    changed = marked(rng, events, EVENT_DIRT).with_columns(
        pl.when(DEFECT == "before_1900")
        .then(pl.lit(SPREADSHEET_ZERO))
        .when(DEFECT == "mistyped_year")
        .then(pl.col("event_date").dt.offset_by("40y"))
        .otherwise(pl.col("event_date"))
        .alias("event_date"),
        having("unknown_patient", stranger(), "patient_id"),
        having("recorded_after_extract", pl.lit(EXTRACTED_ON + timedelta(days=20)), "recorded_at"),
    )
    return finished([changed, copies(changed, "duplicate")])


def soiled_stays(rng: Rng, stays: pl.DataFrame) -> pl.DataFrame:
    """Return inpatient_stays with unknown patients and copies."""
    changed = marked(rng, stays, STAY_DIRT).with_columns(having("unknown_patient", stranger(), "patient_id"))
    return finished([changed, copies(changed, "duplicate")])


def soiled_patients(rng: Rng, patients: pl.DataFrame) -> pl.DataFrame:
    """Return patients with copies, and some whose observation has no start."""
    nothing = pl.lit(None, dtype=pl.Date)
    changed = marked(rng, patients, PATIENT_DIRT).with_columns(having("no_start", nothing, "observation_start"))
    return finished([changed, copies(changed, "duplicate")])
