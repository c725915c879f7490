"""The derived frames that verdicts and their evidence share."""

from dataclasses import dataclass

import polars as pl

from audit.derive.facts import Facts


@dataclass(frozen=True, slots=True)
class Derived:
    """What the rules were judged on, beside the facts; one grain each, in memory."""

    facts: Facts
    spell: pl.LazyFrame
    peaks: pl.LazyFrame
    last_results: pl.LazyFrame
    workup: pl.LazyFrame
    anticoagulated: pl.LazyFrame
    inrs: pl.LazyFrame
    twins: pl.LazyFrame
    covering: pl.LazyFrame
    course_draws: pl.LazyFrame
    scenarios: pl.LazyFrame
    slots: pl.LazyFrame
    symptoms: pl.LazyFrame
    tested: pl.LazyFrame
    triggers: pl.LazyFrame
    recurrences: pl.LazyFrame
