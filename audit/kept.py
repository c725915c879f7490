"""The rows that a release keeps of everyone ever on the audited drug, held against their limits and references."""

import polars as pl

from audit import frames
from audit.calendar import as_dates, told_ends
from audit.derive.facts import Facts, computed
from audit.derive.patient.results import referenced
from audit.derive.restart import doses
from audit.frames import Kept, Staged
from audit.guideline import Guideline

PATIENT = "patient_id"


def kept(staged: Staged, facts: Facts, guideline: Guideline) -> Kept:
    """Return the rows of a release, dates as told: those after what is observed too, for they are rows of the feed."""
    events = frames.EVENTS.empty() if staged.events is None else staged.events
    stays = frames.STAYS.empty() if staged.stays is None else staged.stays
    return Kept(
        patients=_typed(_patients(staged, facts), frames.KEPT_PATIENTS),
        labs=_typed(_labs(staged, facts, guideline), frames.KEPT_LABS),
        exposures=_typed(told_ends(staged.exposures.lazy(), staged.exposures.columns), frames.KEPT_EXPOSURES),
        courses=_typed(_courses(facts, guideline), frames.KEPT_COURSES),
        events=_typed(events.lazy(), frames.KEPT_EVENTS),
        stays=_typed(told_ends(stays.lazy(), stays.columns), frames.KEPT_STAYS),
    )


def _patients(staged: Staged, facts: Facts) -> pl.LazyFrame:
    """Return one row a patient with the first exposure, and why a death was not used."""
    first = facts.courses.select(PATIENT, first_exposure=as_dates(pl.col("first_exposure"))).unique()
    notes = facts.patients.select(PATIENT, "death_note")
    told = told_ends(staged.patients.lazy(), staged.patients.columns)
    return told.join(notes, on=PATIENT, how="left").join(first, on=PATIENT, how="left")


def _labs(staged: Staged, facts: Facts, guideline: Guideline) -> pl.LazyFrame:
    """Return one row a result with E and its multiples, as the rules read them."""
    return referenced(staged.labs.lazy(), facts.every_baseline, guideline).rename(
        {"concept": "analyte", "result_id": "source_id"}
    )


def _courses(facts: Facts, guideline: Guideline) -> pl.LazyFrame:
    """Return one row a course with its length, and the doses of its first and its last day."""
    # Doses are asked by the id of what asks: an episode elsewhere, a course here.
    courses = facts.courses.with_row_index(doses.EPISODE)
    asked = pl.concat(
        courses.select(doses.EPISODE, PATIENT, role=pl.lit(role), dose_day=day)
        for role, day in (("dose_at_start", "course_start"), ("dose_at_end", "last_dose"))
    )
    covering = doses.covering(asked, facts.numbered, guideline)
    told = covering.group_by(doses.EPISODE).agg(doses.daily_dose("dose_at_start"), doses.daily_dose("dose_at_end"))
    return courses.join(told, on=doses.EPISODE, how="left").with_columns(
        start_date=as_dates(pl.col("course_start")),
        last_dose_date=as_dates(pl.col("last_dose")),
        days=pl.col("last_dose") - pl.col("course_start") + 1,
    )


def _typed(rows: pl.LazyFrame, declared: frames.Frame) -> pl.DataFrame:
    """Return the declared columns, in order and typed; they are sorted where they are written."""
    return computed(rows.select(pl.col(column.name).cast(column.dtype) for column in declared.columns))
