"""Exposure records and deaths behind a verdict: one row an episode and record, or an episode and what is told of it."""

import polars as pl

from audit.derive.after.triggers import FORMS
from audit.derive.derived import Derived
from audit.derive.proofs.rows import EPISODE, PATIENT, UNMEASURED, of_records
from audit.guideline import Guideline


def at_the_ends(derived: Derived) -> pl.LazyFrame:
    """Return the audited drug's records at the ends of an episode's courses.

    `ends_before` the stop, `begins` and `ends` the restart course, `begins_further` the course after it.
    """
    facts = derived.facts
    courses = facts.episodes.select(EPISODE, PATIENT, "stop_date", "restart_date", "further_start", own="course")
    course, own = pl.col("course"), pl.col("own")
    flags = {
        "ends_before": (course == own - 1) & (pl.col("end") == pl.col("stop_date") - 1),
        "begins": (course == own) & (pl.col("start") == pl.col("restart_date")),
        "ends": (course == own) & pl.col("ends_course"),
        "begins_further": ((course == own + 1) & (pl.col("start") == pl.col("further_start"))).fill_null(value=False),
    }
    return (
        courses.join(facts.numbered.drop("observed_to"), on=PATIENT)
        .with_columns(**flags)
        .filter(pl.any_horizontal(*flags))
        .pipe(of_records)
        .drop("stop_date", "restart_date", "further_start")
    )


def responses(derived: Derived) -> pl.LazyFrame:
    """Return the records that end a run of days on drug with a trigger in it, flagged by the forms that it is of."""
    facts = derived.facts
    runs = derived.triggers.join(facts.episodes.select(EPISODE, PATIENT, "course"), on=EPISODE)
    ended = runs.group_by(EPISODE, PATIENT, "course", "run").agg(
        (pl.col("form") == form).any().alias(form) for form in FORMS
    )
    return of_records(ended.join(facts.numbered.filter("ends_run"), on=[PATIENT, "course", "run"]))


def of_doses(derived: Derived, guideline: Guideline) -> pl.LazyFrame:
    """Return the records that cover the days whose doses are compared: `role` names the day."""
    return of_records(derived.covering.with_columns(concept=pl.lit(guideline.audited_drug)))


def orders_twice(derived: Derived) -> pl.LazyFrame:
    """Return the records that may repeat the order of one that covers such a day, whether they cover it or not."""
    pairs = derived.twins.select("exposure_id", other="exposure_id_other")
    asked = derived.covering.filter("is_ambiguous").select(EPISODE, "role", "exposure_id").join(pairs, on="exposure_id")
    others = asked.select(EPISODE, "role", exposure_id="other").unique()
    return of_records(others.join(derived.facts.numbered, on="exposure_id"))


def anticoagulants(derived: Derived) -> pl.LazyFrame:
    """Return the records of anticoagulants that explain a raised INR of the injury."""
    return of_records(derived.anticoagulated.unique([EPISODE, "exposure_id"]))


def deaths(derived: Derived) -> pl.LazyFrame:
    """Return the deaths that were not used, and the rows that contradict them (`is_told` tells them apart)."""
    facts = derived.facts
    dead = facts.episodes.select(EPISODE, PATIENT).join(
        facts.patients.filter(pl.col("death_note").is_not_null()), on=PATIENT
    )
    columns = [EPISODE, "is_told", "source_table", "source_id", "concept", pl.col("date").cast(pl.Int32), *UNMEASURED]
    told = dead.with_columns(
        **UNMEASURED,
        is_told=pl.lit(value=True),
        source_table=pl.lit("patients"),
        source_id=PATIENT,
        date="death_date",
        concept=pl.lit("death"),
    )
    contradicting = dead.filter(pl.col("active_on").is_not_null()).with_columns(
        **UNMEASURED,
        is_told=pl.lit(value=False),
        source_table="active_table",
        source_id="active_id",
        date="active_on",
        concept="active_concept",
    )
    return pl.concat([told.select(columns), contradicting.select(columns)])
