"""Drawn charts as the staged frames that the audit reads."""

from datetime import date
from functools import cache

import polars as pl

from audit import frames, guideline
from audit.judge import judge
from flows.editions import load

from .chart import Chart, on
from .oracle_case import Case
from .strategies import Cohort, parameters


@cache
def edition() -> guideline.Guideline:
    """The edition under test."""
    return load()


def frame(declared: frames.Frame, rows: list[dict]) -> pl.DataFrame:
    """Rows as one staged frame, in the declared columns."""
    return pl.DataFrame(rows, schema=declared.schema).select(declared.names)


def staged(cohort: Cohort) -> frames.Staged:
    """The five staged frames of a cohort."""
    charts = cohort.charts
    return frames.Staged(
        frame(frames.PATIENTS, [chart.patient for chart in charts]),
        frame(frames.LABS, [row for chart in charts for row in chart.labs]),
        frame(frames.EXPOSURES, [row for chart in charts for row in chart.exposures]),
        frame(frames.EVENTS, [row for chart in charts for row in chart.events]) if cohort.has_events else None,
        frame(frames.STAYS, [row for chart in charts for row in chart.stays]) if cohort.has_stays else None,
    )


def audited(cohort: Cohort, as_of: int | None = None) -> frames.Judged:
    """What the audit says of a cohort, on its own as-of day or another."""
    day = cohort.as_of if as_of is None else as_of
    return judge(staged(cohort), guideline.overlay(edition(), cohort.overlay), on(day), extracted(cohort))


def extracted(cohort: Cohort) -> date | None:
    """The day on which a cohort's extract was taken, where it is told."""
    return None if cohort.extracted is None else on(cohort.extracted)


def case(cohort: Cohort, chart: Chart) -> Case:
    """One chart as the oracle reads it."""
    return Case(
        chart.patient,
        chart.labs,
        chart.exposures,
        chart.events if cohort.has_events else None,
        chart.stays if cohort.has_stays else None,
        parameters(cohort),
        on(cohort.as_of),
        extracted_on=extracted(cohort),
    )
