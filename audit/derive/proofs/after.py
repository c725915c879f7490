"""Results and events after a restart: one row an episode and source row (and rule, where slots are asked)."""

from typing import Literal

import polars as pl

from audit.derive.after import recurrence
from audit.derive.after.symptoms import concepts
from audit.derive.after.triggers import FORMS, reached
from audit.derive.derived import Derived
from audit.derive.proofs.records import at_the_ends
from audit.derive.proofs.rows import COMMON, EPISODE, PATIENT, of_events, of_results
from audit.guideline import Guideline

REACHED = reached("_possible")


def met_slots(derived: Derived) -> pl.LazyFrame:
    """Return the results of the days that met a slot of a rule."""
    met = derived.slots.filter(pl.col("status") == "met").select(EPISODE, "rule_id", date="met_on").unique()
    return of_results(_of_day(derived, met, derived.facts.enzymes))


def gaps(derived: Derived) -> pl.LazyFrame:
    """Return what bounds a missed slot of a rule: the results of the draws of the course next to its window.

    Where the course has no draw on that side it is the record that begins the course (`is_before`), or ends it.
    """
    missed = derived.slots.filter(pl.col("status") == "missed").select(EPISODE, "rule_id", "window_start", "window_end")
    before = _bounds(derived, missed, "window_start", "backward", "begins")
    after = _bounds(derived, missed, "window_end", "forward", "ends")
    return pl.concat(
        [before.with_columns(is_before=pl.lit(value=True)), after.with_columns(is_before=pl.lit(value=False))]
    )


def _bounds(
    derived: Derived, missed: pl.LazyFrame, edge: str, strategy: Literal["backward", "forward"], record: str
) -> pl.LazyFrame:
    """Return what lies next to an edge of each missed slot's window: draws, else the course's flagged records."""
    near = missed.sort(edge).join_asof(
        derived.course_draws.select(EPISODE, "date").sort("date"),
        left_on=edge,
        right_on="date",
        by=EPISODE,
        strategy=strategy,
        check_sortedness=False,
    )
    days = near.filter(pl.col("date").is_not_null()).select(EPISODE, "rule_id", "date").unique()
    bare = near.filter(pl.col("date").is_null()).select(EPISODE, "rule_id").unique()
    columns = [EPISODE, "rule_id", *COMMON]
    draws = of_results(_of_day(derived, days, derived.facts.enzymes)).select(columns)
    return pl.concat([draws, bare.join(at_the_ends(derived).filter(record), on=EPISODE).select(columns)])


def unstable(derived: Derived, guideline: Guideline) -> pl.LazyFrame:
    """Return the results that extend the schedule, or may: those above the limit in the blocks that values allow."""
    stability = guideline.schedule.stability
    first = pl.col("restart_date") + (stability.first_day if stability else 0)
    blocks = derived.scenarios.group_by(EPISODE, PATIENT, "restart_date").agg(pl.col("blocks").max())
    last = first + guideline.schedule.block_days * pl.col("blocks") - 1
    window = blocks.select(EPISODE, PATIENT, first=first, last=last)
    rows = window.join(derived.facts.enzymes.filter("unstable_possible"), on=PATIENT)
    return of_results(rows.filter(pl.col("date").is_between("first", "last")))


def enzymes(derived: Derived) -> pl.LazyFrame:
    """Return ALT and AST from day 1, before any further course, flagged by the forms of the triggers with them."""
    rows = _of_course(derived, derived.facts.enzymes, "enzyme_date")
    return of_results(rows.with_columns(pl.col(form) & REACHED[form] for form in FORMS))


def bilirubins(derived: Derived) -> pl.LazyFrame:
    """Return the bilirubins of the same days, flagged likewise."""
    rows = _of_course(derived, derived.facts.bilirubins, "other_date")
    return of_results(rows.with_columns(pl.col("stop_with_bilirubin") & pl.col("at_stop_bilirubin_possible")))


def symptoms(derived: Derived, guideline: Guideline) -> pl.LazyFrame:
    """Return the symptoms that count beside an enzyme, of the same days, flagged likewise."""
    counted = pl.col("concept").is_in(concepts(guideline["stop_symptoms"].names))
    return of_events(_of_course(derived, derived.facts.events.filter(counted), "other_date"))


def _of_course(derived: Derived, rows: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """Return the patient's rows from day 1, before any further course, flagged by the triggers with such a day."""
    window = derived.facts.episodes.select(EPISODE, PATIENT, "restart_date", "further_start")
    flags = (
        derived.triggers.filter(pl.col(column).is_not_null())
        .group_by(EPISODE, date=column)
        .agg((pl.col("form") == form).any().alias(form) for form in FORMS)
    )
    return (
        window.join(rows, on=PATIENT)
        .filter(pl.col("date") > pl.col("restart_date"))
        .filter(pl.col("further_start").is_null() | (pl.col("date") < pl.col("further_start")))
        .drop("restart_date", "further_start")
        .join(flags, on=[EPISODE, "date"], how="left")
        .with_columns(pl.col(*FORMS).fill_null(value=False))
    )


def new_symptoms(derived: Derived) -> pl.LazyFrame:
    """Return the incident symptoms, with what the first draw of their symptom episode shows."""
    tested = derived.tested.select(EPISODE, "symptom_date", "may_be_modest")
    return of_events(derived.symptoms.join(tested, on=[EPISODE, "symptom_date"]))


def draws_after_symptoms(derived: Derived, column: str) -> pl.LazyFrame:
    """Return the results of the first draw (draw_date) on or after a symptom episode, or of the next (next_draw)."""
    asked = derived.tested.filter(pl.col(column).is_not_null())
    days = asked.group_by(EPISODE, date=column).agg(pl.col("may_be_modest").any())
    return of_results(_of_day(derived, days, derived.facts.enzymes))


def lookback(derived: Derived, guideline: Guideline) -> pl.LazyFrame:
    """Return the results of the days before the restart course's own stop."""
    facts = derived.facts
    results = pl.concat([facts.enzymes, facts.bilirubins], how="diagonal")
    window = recurrence.lookback(facts.episodes, guideline).join(results, on=PATIENT)
    return of_results(window.filter(pl.col("date").is_between("from_day", "end_day")))


def lookback_symptoms(derived: Derived, guideline: Guideline) -> pl.LazyFrame:
    """Return the symptoms of the same days."""
    facts = derived.facts
    coded = facts.events.filter(pl.col("concept").is_in(concepts(guideline.symptoms)))
    window = recurrence.lookback(facts.episodes, guideline).join(coded, on=PATIENT)
    return of_events(window.filter(pl.col("date").is_between("from_day", "end_day")))


def _of_day(derived: Derived, days: pl.LazyFrame, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return the patient's rows of an episode's days."""
    whose = derived.facts.episodes.select(EPISODE, PATIENT)
    return days.join(whose, on=EPISODE).join(rows, on=[PATIENT, "date"])
