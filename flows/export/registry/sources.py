"""The columns that a record may be made of: those of an episode that are no id, and what is derived of the person."""

from dataclasses import replace
from datetime import date

import polars as pl

from audit.frames import BREAKS, EPISODES, KEPT_PATIENTS, MOVING, Column

TEXT, DATE, NUMBER, COUNT, FLAG = pl.String(), pl.Date(), pl.Float64(), pl.Int64(), pl.Boolean()
# What never leaves as a field: ids; a record has pseudonyms of its own in their place.
IDS = ("episode_id", "patient_id", "site_id")
OLDEST = 90
AGE = Column(
    "age_at_restart", COUNT, f"Year of the restart less the year of birth; {OLDEST} stands for all above.", "a"
)
SEX = next(column for column in KEPT_PATIENTS.columns if column.name == "sex")
# An episode's own words for it lean on the columns beside it.
BREAK_DAYS = next(column for column in BREAKS.columns if column.name == "break_days")
# A release says where else to look for a column; an export holds no such place.
ELSEWHERE = ": see status_to_date"
SOURCES = {
    column.name: replace(column, meaning=column.meaning.replace(ELSEWHERE, ""))
    for column in (SEX, AGE, *EPISODES.columns, BREAK_DAYS)
    if column.name not in IDS
}
# How a column is told, by what it must be; days count from the restart.
TYPES = {
    "number": NUMBER,
    "integer": COUNT,
    "flag": FLAG,
    "code": TEXT,
    "codes": TEXT,
    "days": DATE,
    "date": DATE,
}
UNITS = {"d": 1, "wk": 7}


def described(episodes: pl.DataFrame, patients: pl.DataFrame, feed_end: date | None) -> pl.DataFrame:
    """Return the episodes with the columns of their person: one row an episode.

    Where the end of the feed is given, what moves with the day is null of a course that reaches it: as of one that
    runs. Else its length, from a day that moved to one that everyone knows, would tell by how much.
    """
    age = pl.col("restart_date").dt.year().cast(pl.Int64) - pl.col("birth_year")
    reaches = pl.max_horizontal("last_dose_date", "observed_to") >= pl.lit(feed_end, pl.Date)
    moving = [pl.when(~reaches.fill_null(value=False)).then(name).alias(name) for name in MOVING]
    return (
        episodes.with_columns(moving)
        .join(patients.select("patient_id", "sex", "birth_year"), on="patient_id", how="left")
        .with_columns(age.clip(upper_bound=OLDEST).alias(AGE.name))
        .drop("birth_year")
    )
