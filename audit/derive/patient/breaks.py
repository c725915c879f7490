"""Breaks of the audited drug, each with its class (rules.md section 2)."""

import polars as pl

from audit.guideline import Guideline

PATIENT = "patient_id"


def pairs(courses: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row a pair of neighbouring courses: the break between and the restart course after it."""
    earlier = courses.filter(pl.col("next_start").is_not_null()).select(
        PATIENT,
        "first_exposure",
        "ends_for_liver",
        ends_unobserved=pl.col("ends_discharged") | pl.col("ends_assumed"),
        earlier_start="course_start",
        stop_date=pl.col("last_dose") + 1,
        restart_date="next_start",
        break_days=pl.col("next_start") - pl.col("last_dose") - 1,
        course=pl.col("course") + 1,
    )
    later = courses.select(
        PATIENT,
        "course",
        "last_dose",
        "observed_to",
        "planned_last",
        "ends_unexplained",
        "days_covered",
        further_start="next_start",
    )
    return earlier.join(later, on=[PATIENT, "course"])


def auditable(pairs: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Keep the breaks that are episodes if an elevation qualifies them."""
    shortest, longest = guideline["min_break_days"].days, guideline["max_break_days"].days
    return pairs.filter(~pl.col("ends_unobserved"), pl.col("break_days").is_between(shortest, longest))


def breaks(
    pairs: pl.LazyFrame,
    episodes: pl.LazyFrame,
    segments: pl.LazyFrame,
    courses: pl.LazyFrame,
    records: pl.LazyFrame,
    guideline: Guideline,
) -> pl.LazyFrame:
    """Return one row a break: patient_id, stop_date, restart_date, break_days, break_class."""
    columns = [PATIENT, "stop_date", "restart_date", "break_days", "break_class"]
    between = pairs.join(
        episodes.select(PATIENT, "restart_date", is_episode=pl.lit(value=True)),
        on=[PATIENT, "restart_date"],
        how="left",
    ).with_columns(
        break_class=pl.when("ends_unobserved")
        .then(pl.lit("unobserved"))
        .when(pl.col("break_days") > guideline["max_break_days"].days)
        .then(pl.lit("new_start"))
        .when("is_episode")
        .then(pl.lit("episode"))
        .when("ends_for_liver")
        .then(pl.lit("documented_without_lab"))
        .otherwise(pl.lit("no_elevation"))
    )
    parts = [between, _interruptions(segments, guideline), _switches(courses, records, guideline)]
    return pl.concat([part.select(columns) for part in parts])


def _interruptions(segments: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return the gaps within a course that last long enough to be an interruption."""
    gap = pl.col("restart_date") - pl.col("stop_date")
    return (
        segments.with_columns(
            stop_date=pl.col("seg_end") + 1, restart_date=pl.col("seg_start").shift(-1).over(PATIENT, "course")
        )
        .with_columns(break_days=gap, break_class=pl.lit("short_interruption"))
        .filter(pl.col("break_days") >= guideline["interrupt_min_days"].days)
    )


def _switches(courses: pl.LazyFrame, records: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return the last courses that another thiopurine follows, begun on or after the course's first day."""
    last = courses.filter(pl.col("next_start").is_null()).with_columns(stop_date=pl.col("last_dose") + 1)
    return (
        last.join(other_thiopurines(records, guideline), on=PATIENT)
        .filter(pl.col("start") >= pl.col("course_start"), pl.col("end") >= pl.col("stop_date"))
        .unique([PATIENT, "stop_date"])
        .with_columns(
            restart_date=pl.lit(None, dtype=pl.Int32),
            break_days=pl.lit(None, dtype=pl.Int32),
            break_class=pl.lit("thiopurine_switch"),
        )
    )


def other_thiopurines(records: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return the records of the class's other drugs."""
    others = [drug for drug in guideline.other_thiopurines if drug != guideline.audited_drug]
    return records.filter(pl.col("concept").is_in(others)).select(PATIENT, "exposure_id", "start", "end")
