"""The rows that a release keeps of everyone ever on the audited drug, held against their limits and references."""

import polars as pl

from audit import frames
from audit.calendar import as_dates, as_days
from audit.derive.derived import Derived
from audit.derive.facts import Facts, computed
from audit.derive.patient.results import referenced
from audit.derive.restart import doses
from audit.frames import Kept, Staged
from audit.guideline import Guideline

PATIENT, ASKS = "patient_id", doses.EPISODE


def kept(staged: Staged, derived: Derived, guideline: Guideline) -> Kept:
    """Return the rows of a release, those too that lie after what is observed: they are rows of the feed."""
    events = frames.EVENTS.empty() if staged.events is None else staged.events
    stays = frames.STAYS.empty() if staged.stays is None else staged.stays
    return Kept(
        patients=_typed(_patients(staged, derived.facts), frames.KEPT_PATIENTS),
        labs=_typed(_labs(staged, derived.facts, guideline), frames.KEPT_LABS),
        exposures=_typed(as_days(staged.exposures), frames.KEPT_EXPOSURES),
        courses=_typed(_courses(derived, guideline), frames.KEPT_COURSES),
        events=_typed(as_days(events), frames.KEPT_EVENTS),
        stays=_typed(as_days(stays), frames.KEPT_STAYS),
    )


def _patients(staged: Staged, facts: Facts) -> pl.LazyFrame:
    """Return one row a patient with the first exposure, and why a death was not used."""
    first = facts.courses.select(PATIENT, "first_exposure").unique()
    notes = facts.patients.select(PATIENT, "death_note")
    return as_days(staged.patients).join(notes, on=PATIENT, how="left").join(first, on=PATIENT, how="left")


def _labs(staged: Staged, facts: Facts, guideline: Guideline) -> pl.LazyFrame:
    """Return one row a result with E and its multiples, as the rules read them."""
    rows = referenced(as_days(staged.labs), facts.every_baseline, guideline)
    return rows.rename({"concept": "analyte", "result_id": "source_id"})


def _courses(derived: Derived, guideline: Guideline) -> pl.LazyFrame:
    """Return one row a course with its length, and the doses of its first and its last day."""
    courses = derived.facts.courses.with_row_index(ASKS)  # doses are asked by the id of what asks: here a course
    asked = pl.concat(
        courses.select(ASKS, PATIENT, role=pl.lit(role), dose_day=day)
        for role, day in (("dose_at_start", "course_start"), ("dose_at_end", "last_dose"))
    )
    covering = doses.covering(asked, derived.facts.numbered, derived.twins, guideline)
    told = covering.group_by(ASKS).agg(doses.daily_dose("dose_at_start"), doses.daily_dose("dose_at_end"))
    return courses.join(told, on=ASKS, how="left").with_columns(
        start_date="course_start",
        last_dose_date="last_dose",
        days=pl.col("last_dose") - pl.col("course_start") + 1,
    )


def _typed(rows: pl.LazyFrame, declared: frames.Frame) -> pl.DataFrame:
    """Return the declared columns, in order and typed, days as dates; rows are sorted where they are written."""
    return computed(
        rows.select(
            as_dates(pl.col(column.name)) if column.dtype == pl.Date() else pl.col(column.name).cast(column.dtype)
            for column in declared.columns
        )
    )
