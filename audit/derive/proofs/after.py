"""Results and events after a restart: one row an episode and source row (and rule, where slots are asked)."""

import polars as pl

from audit.derive.after import recurrence
from audit.derive.after.symptoms import concepts
from audit.derive.after.triggers import FORMS
from audit.derive.proofs.derived import Derived
from audit.derive.proofs.rows import EPISODE, PATIENT, of_events, of_results
from audit.guideline import Guideline

REACHED = {  # what an enzyme must possibly reach to be part of a trigger of the form
    "stop_at_multiple": pl.col("at_stop_possible") | pl.col("at_absolute_possible"),
    "stop_with_symptom": pl.col("at_symptom_possible"),
    "stop_with_bilirubin": pl.col("at_bilirubin_possible"),
}


def met_slots(derived: Derived) -> pl.LazyFrame:
    """Return the results of the days that met a slot of a rule."""
    met = derived.slots.filter(pl.col("status") == "met").select(EPISODE, "rule_id", date="met_on").unique()
    return of_results(_of_day(derived, met, derived.facts.enzymes))


def enzymes(derived: Derived, guideline: Guideline) -> pl.LazyFrame:
    """Return ALT and AST from day 1, before any further course, as long as a trigger or a recurrence may be seen.

    Flagged by the forms of the triggers that rest on them.
    """
    facts, day = derived.facts, pl.col("date")
    reach = max(1, guideline["recurrence_after_stop_days"].days)
    window = facts.episodes.select(EPISODE, PATIENT, "restart_date", "last_dose", "further_start")
    rows = (
        window.join(facts.enzymes, on=PATIENT)
        .filter(day > pl.col("restart_date"), day <= pl.col("last_dose") + reach)
        .filter(pl.col("further_start").is_null() | (day < pl.col("further_start")))
        .drop("restart_date", "last_dose", "further_start")
        .join(_flagged(derived, "enzyme_date"), on=[EPISODE, "date"], how="left")
    )
    return of_results(rows.with_columns(pl.col(form).fill_null(value=False) & REACHED[form] for form in FORMS))


def recurrences(derived: Derived) -> pl.LazyFrame:
    """Return the results of the days of recurrence."""
    days = derived.recurrences.select(EPISODE, "date").unique()
    return of_results(_of_day(derived, days, derived.facts.enzymes))


def bilirubins(derived: Derived) -> pl.LazyFrame:
    """Return the bilirubins that triggers rest on, flagged likewise."""
    rows = _of_day(derived, _flagged(derived, "other_date"), derived.facts.bilirubins)
    return of_results(rows.filter("stop_with_bilirubin", "at_stop_bilirubin_possible"))


def symptoms(derived: Derived, guideline: Guideline) -> pl.LazyFrame:
    """Return the symptoms that triggers rest on, flagged likewise."""
    counted = derived.facts.events.filter(pl.col("concept").is_in(concepts(guideline["stop_symptoms"].names)))
    return of_events(_of_day(derived, _flagged(derived, "other_date"), counted).filter("stop_with_symptom"))


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


def _of_day(derived: Derived, days: pl.LazyFrame, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return the patient's rows of an episode's days."""
    whose = derived.facts.episodes.select(EPISODE, PATIENT)
    return days.join(whose, on=EPISODE).join(rows, on=[PATIENT, "date"])


def _flagged(derived: Derived, column: str) -> pl.LazyFrame:
    """Return one row an episode and day of a trigger's enzyme or of what pairs with it: the forms of the triggers."""
    return (
        derived.triggers.filter(pl.col(column).is_not_null())
        .group_by(EPISODE, date=column)
        .agg((pl.col("form") == form).any().alias(form) for form in FORMS)
    )
