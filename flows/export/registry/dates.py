"""Attacks on dates that were moved: did they move, all of a person by the same, and does anything tell by how much."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from flows.export.attack import Attack, Target
from flows.export.registry.held import ERAS, parquet
from flows.release import Release

# A rule that tells the shift of one person in ten where it is applied has found something.
TOLD_BY_RULE = 0.1


def attacks_on_dates(target: Target, release: Release) -> list[Attack]:
    """Return the attacks on the dates of the OMOP tables; none where there are no tables, or the dates are true."""
    agreed = target.said["profile"]["agreement"]
    eras = parquet(target, ERAS)
    if not eras.width or agreed["dates"] == "true":
        return []
    courses = release.table("courses", ["patient_id", "start_date", "last_dose_date"])
    persons = linked(eras, courses)
    return [_moved(persons, eras, agreed), _feed_end(persons, release, agreed)]


def linked(eras: pl.DataFrame, courses: pl.DataFrame) -> pl.DataFrame:
    """Return the persons who can be found in the source by the days between their courses' starts and ends alone.

    One row a person: person_id, shift_days (by which the dates moved), last_end (of the export). Those whose intervals
    another shares, here or in the source, are not among them.
    """
    theirs = _signed(eras, "person_id", "drug_era_start_date", "drug_era_end_date")
    true = _signed(courses, "patient_id", "start_date", "last_dose_date").select(
        "patient_id", "days", true_first="first"
    )
    alone = pl.col("days").is_unique()
    return (
        theirs.filter(alone)
        .join(true.filter(alone), on="days")
        .with_columns(shift_days=(pl.col("first") - pl.col("true_first")).dt.total_days())
        .select("person_id", "shift_days", "last_end")
    )


def _signed(rows: pl.DataFrame, person: str, start: str, end: str) -> pl.DataFrame:
    """Return one row a person of several courses: first start, last end, and as text the days of all between."""
    first, inner = pl.col(start).min(), pl.concat_list(pl.col(start).sort(), pl.col(end).sort()).explode()
    offsets = (inner.sort().slice(1, inner.len() - 2) - first).dt.total_days()
    return (
        rows.group_by(person)
        .agg(
            first=first,
            last_end=pl.col(end).max(),
            days=offsets.cast(pl.String).str.join(" "),
            courses=pl.len(),
        )
        .filter(pl.col("courses") > 1)
        .drop("courses")
    )


def _moved(persons: pl.DataFrame, eras: pl.DataFrame, agreed: Mapping[str, Any]) -> Attack:
    low, high = agreed["shift_days"]
    stayed = persons.filter(~pl.col("shift_days").is_between(low, high)).height
    every = eras["person_id"].n_unique()
    return Attack(
        "true dates",
        "is a person of the source, found by the intervals between courses, told with true dates?",
        f"{persons.height:,} of {every:,} persons can be found so by whoever holds the source's courses, which no "
        f"shift prevents; {stayed:,} of them with dates that moved by less or more than the agreement says.",
        stayed > 0,
    )


def _feed_end(persons: pl.DataFrame, release: Release, agreed: Mapping[str, Any]) -> Attack:
    """Take each last course for one that runs when the feed ends: then its end tells the shift."""
    low, high = agreed["shift_days"]
    guess = (pl.col("last_end") - pl.lit(release.observed_to)).dt.total_days()
    guessed = persons.filter(guess.is_between(low, high))
    right = guessed.filter(guess == pl.col("shift_days")).height
    return Attack(
        "end of the feed",
        "does a course that runs when the feed ends tell by how much the person's dates moved?",
        f"The rule tells the shift of {right:,} of the {guessed.height:,} persons that it can be applied to.",
        right > TOLD_BY_RULE * guessed.height,
    )
