"""The same cohort as it becomes known night after night: what comes late, what is corrected, what has not happened yet.

The last night is the sample as it is without nights.
"""

from collections.abc import Mapping
from datetime import date

import polars as pl

from flows.sample.dice import Rng, between, chance
from flows.sample.proportions import EXTRACTED_ON, NIGHTS, NIGHTS_LAST, NIGHTS_LATE

# The day on which a row of a table is known at the earliest: of the first of these columns that it has.
KNOWN_ON = {
    "patients": ("observation_start",),
    "lab_results": ("recorded_at", "collected_at"),
    "drug_exposures": ("recorded_at", "start_date"),
    "clinical_events": ("recorded_at", "event_date"),
    "inpatient_stays": ("admitted_on",),
}
# What is told of a row once its day has come, with all that it says of that day.
ENDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "patients": {"observation_end": (), "death_date": ()},
    "drug_exposures": {"end_date": ("end_type", "stop_reason")},
    "inpatient_stays": {"discharged_on": ()},
}
# What is wrong at first in rows that are corrected later, and by how much.
MISTAKEN = {"lab_results": ("value", 0.5), "drug_exposures": ("daily_dose_mg", 2.0)}
ARRIVES, CORRECTED = "arrives_on", "corrected_on"


def told(rng: Rng, name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Add the day on which each row of a table comes, and that on which what was wrong with some is corrected."""
    size = frame.height
    late = between(rng, *NIGHTS_LATE, size) * chance(rng, NIGHTS["late"], size)
    is_lacking, is_mistaken = (chance(rng, NIGHTS[what], size) for what in ("lacking", "mistaken"))
    last = pl.lit(EXTRACTED_ON) - pl.duration(days=pl.lit(pl.Series(between(rng, 0, NIGHTS_LAST - 1, size))))
    known = pl.coalesce(pl.col(column).cast(pl.Date) for column in KNOWN_ON[name])
    if name == "patients":
        return frame.with_columns(known.alias(ARRIVES), pl.lit(None, dtype=pl.Date).alias(CORRECTED))
    lacking = pl.when(pl.lit(pl.Series(is_lacking))).then(pl.max_horizontal(known, last))
    arrives = pl.coalesce(lacking, known + pl.duration(days=pl.lit(pl.Series(late))))
    mistaken = pl.lit(pl.Series(is_mistaken if name in MISTAKEN else is_mistaken & False))
    return frame.with_columns(arrives.alias(ARRIVES)).with_columns(pl.when(mistaken).then(last).alias(CORRECTED))


def known(name: str, frame: pl.DataFrame, night: date) -> pl.DataFrame:
    """Return the rows of a table that have come by a night, as they read then; a row without a day is always there."""
    day = pl.lit(night)
    come = frame.filter((pl.col(ARRIVES) <= day).fill_null(value=True))
    for column, says in ENDS.get(name, {}).items():
        is_to_come = (pl.col(column) > day).fill_null(value=False)
        come = come.with_columns(pl.when(~is_to_come).then(pl.col(one)).alias(one) for one in (*says, column))
    if name in MISTAKEN:
        column, factor = MISTAKEN[name]
        is_wrong = (pl.col(CORRECTED) > day).fill_null(value=False)
        come = come.with_columns(
            pl.when(is_wrong).then(pl.col(column) * factor).otherwise(pl.col(column)).alias(column)
        )
    return come
