"""Courses (eras), drug-taking runs and covered segments of the audited drug (rules.md sections 2 and 7)."""

import polars as pl

from audit.calendar import OPEN_FROM
from audit.guideline import Guideline
from audit.vocabulary import COURSE_ENDS, LIVER_REASONS

PATIENT = "patient_id"


def numbered(records: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Add `course`, `run` and `segment` (numbers within the patient) to the audited drug's records.

    A segment is unbroken cover, a run tolerates gaps shorter than `interrupt_min_days`, a course gaps
    shorter than `min_break_days`. `ends_course`, `ends_run`: the records that end them as they tell it, an open
    one last of all: the same ones while the drug is taken as after.
    """
    covered_to = pl.col("end").cum_max().shift(1).over(PATIENT)
    gap = pl.col("start") - pl.col("covered_to") - 1

    def number(begins: pl.Expr) -> pl.Expr:
        return begins.fill_null(value=False).cast(pl.Int32).cum_sum().over(PATIENT)

    return (
        records.filter(pl.col("concept") == guideline.audited_drug)
        .sort(PATIENT, "start", "end", "exposure_id")
        .with_columns(covered_to=covered_to)
        .with_columns(gap=gap)
        .with_columns(
            course=number(pl.col("gap") >= guideline["min_break_days"].days),
            run=number(pl.col("gap") >= guideline["interrupt_min_days"].days),
            segment=number(pl.col("gap") >= 1),
        )
        .with_columns(ends_course=_ends_last("course"), ends_run=_ends_last("run"))
    )


def _ends_last(grain: str) -> pl.Expr:
    """Return whether no other record of the same course or run ends later."""
    end = pl.col("planned_end").fill_null(OPEN_FROM)
    return end == end.max().over(PATIENT, grain)


def segments(numbered: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row a segment: seg_start, seg_end, run_end (last covered day of its run)."""
    grain = [PATIENT, "course", "run", "segment"]
    return (
        numbered.group_by(grain)
        .agg(seg_start=pl.col("start").min(), seg_end=pl.col("end").max())
        .with_columns(run_end=pl.col("seg_end").max().over(PATIENT, "run"))
        .sort(PATIENT, "seg_start")
    )


def courses(numbered: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row a course with its end as the records tell it, and its neighbours' days.

    planned_last is the last dose day that the records state, null while one is open; it lies after
    `last_dose` only where observation ended first.
    """
    ends_here = pl.col("end") == pl.col("last_dose")
    reason = pl.col("stop_reason")
    return (
        numbered.with_columns(last_dose=pl.col("end").max().over(PATIENT, "course"))
        .group_by(PATIENT, "course")
        .agg(
            course_start=pl.col("start").min(),
            last_dose=pl.col("last_dose").first(),
            observed_to=pl.col("observed_to").first(),
            is_open=pl.col("planned_end").is_null().any(),
            planned_last=pl.col("planned_end").max(),
            ends_discharged=(ends_here & (pl.col("end_type") == "discharge")).any(),
            ends_assumed=(pl.col("length_basis").filter(ends_here).eq_missing("assumed")).all(),
            ends_for_liver=(ends_here & reason.is_in(LIVER_REASONS).fill_null(value=False)).any(),
            ends_unexplained=(
                ends_here & (pl.col("end_type") == "explicit") & (reason.is_null() | reason.is_in(LIVER_REASONS))
            ).any(),
            end_type=_end_type(ends_here),
            days_covered=(pl.col("end") - pl.max_horizontal("start", pl.col("covered_to") + 1) + 1)
            .clip(lower_bound=0)
            .sum(),
        )
        .with_columns(
            planned_last=pl.when(~pl.col("is_open")).then("planned_last"),
            end_type=pl.when(pl.col("is_open") | (pl.col("planned_last") > pl.col("last_dose")))
            .then(pl.lit(COURSE_ENDS[0]))
            .otherwise("end_type"),
        )
        .sort(PATIENT, "course")
        .with_columns(
            next_start=pl.col("course_start").shift(-1).over(PATIENT),
            first_exposure=pl.col("course_start").min().over(PATIENT),
        )
    )


def _end_type(ends_here: pl.Expr) -> pl.Expr:
    """Return the first word of COURSE_ENDS, but that of a course which goes on, which a record told that ends here."""
    told = pl.col("end_type").filter(ends_here)
    return pl.coalesce(pl.when((told == word).any()).then(pl.lit(word)) for word in COURSE_ENDS[1:])
