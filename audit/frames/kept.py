"""The released frames of the rows: everyone ever on the audited drug, so that nobody needs the extract again.

Patients come first in every key: a person's rows lie together.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from audit.frames import staged
from audit.frames.declare import COUNT, DATE, NUMBER, TEXT, Column, Frame, listed
from audit.vocabulary import COURSE_ENDS


def _keyed(frame: Frame, *keys: str) -> tuple[Column, ...]:
    """Return the columns of a staged frame with other keys, which come first."""
    columns = {column.name: column for column in frame.columns}
    rest = (replace(column, key=False) for name, column in columns.items() if name not in keys)
    return (*(replace(columns[name], key=True) for name in keys), *rest)


def _of(frame: Frame, *names: str) -> Iterable[Column]:
    """Return columns of a staged frame, which are no keys."""
    columns = {column.name: column for column in frame.columns}
    return (replace(columns[name], key=False) for name in names)


PATIENT_ID = replace(staged.PATIENTS.columns[0], key=True)
KEPT_PATIENTS = Frame(
    "patients",
    "one row a patient who ever took the audited drug",
    (
        PATIENT_ID,
        *_of(staged.PATIENTS, "site_id", "sex", "birth_year", "observation_start", "observation_end", "death_date"),
        Column(
            "death_note",
            TEXT,
            "Why the death was not used: implausible_death_date or contradicted_death_date; else null.",
        ),
        Column(
            "first_exposure",
            DATE,
            "First day of the first course of the audited drug; null where observation ended before it.",
        ),
    ),
)
KEPT_LABS = Frame(
    "labs",
    "one row a valid result of a listed concept, current version, of a patient who ever took the audited drug",
    (
        PATIENT_ID,
        Column("analyte", TEXT, "What was measured: a laboratory concept of the code lists.", key=True),
        Column("date", DATE, "Local calendar date of collection.", key=True),
        *_of(staged.LABS, "value", "unit", "comparator", "uln", "uln_source"),
        Column("x_uln", NUMBER, "Value over its ULN; a bound where there is a comparator.", "1"),
        Column(
            "reference",
            NUMBER,
            "Effective reference E, in unit: the baseline where `baseline_reference_mode` lets it count, else the ULN.",
        ),
        Column("x_reference", NUMBER, "Value over E; a bound where there is a comparator.", "1"),
        *_of(staged.LABS, "status"),
        Column("source_id", TEXT, "The extract's result id.", key=True),
    ),
)
KEPT_EXPOSURES = Frame(
    "exposures",
    "one row a valid exposure record of a listed drug, current version, of a patient who ever took the audited drug",
    _keyed(staged.EXPOSURES, "patient_id", "start_date", "exposure_id"),
)
KEPT_COURSES = Frame(
    "courses",
    "one row a course of the audited drug: records whose drug-free gaps are shorter than `min_break_days`",
    (
        PATIENT_ID,
        Column("start_date", DATE, "First day of the course.", key=True),
        Column("last_dose_date", DATE, "Last dose day, as far as observed."),
        Column("days", COUNT, "Days from the first to the last, both counted, gaps too.", "d"),
        Column("days_covered", COUNT, "Those of them that a record covers.", "d"),
        Column("dose_at_start_mg", NUMBER, "Daily dose on the first day; null if unknown.", "mg/d"),
        Column("dose_at_end_mg", NUMBER, "Daily dose on the last dose day; null if unknown.", "mg/d"),
        Column(
            "end_type",
            TEXT,
            f"{listed(COURSE_ENDS)}: ongoing where the records run on after what is observed, else the first of these "
            "that a record told which ends on the last dose day; null where none did.",
        ),
    ),
)
KEPT_EVENTS = Frame(
    "events",
    "one row a listed concept of a clinical event of a patient who ever took the audited drug; none without the table",
    _keyed(staged.EVENTS, "patient_id", "date", "concept", "event_id"),
)
KEPT_STAYS = Frame(
    "stays",
    "one row an inpatient stay of a patient who ever took the audited drug; none without the table",
    _keyed(staged.STAYS, "patient_id", "admitted_on", "stay_id"),
)
KEPT = (KEPT_PATIENTS, KEPT_LABS, KEPT_EXPOSURES, KEPT_COURSES, KEPT_EVENTS, KEPT_STAYS)


@dataclass(frozen=True, slots=True)
class Kept:
    """The rows that a release keeps, of everyone ever on the audited drug: charts and questions need no extract."""

    patients: pl.DataFrame
    labs: pl.DataFrame
    exposures: pl.DataFrame
    courses: pl.DataFrame
    events: pl.DataFrame
    stays: pl.DataFrame

    @classmethod
    def empty(cls) -> "Kept":
        """Return them without a row."""
        return cls(**{frame.name: frame.empty() for frame in KEPT})
