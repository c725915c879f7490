"""After a recurrence the drug is stopped for good.

Why it matters: a second injury on the same drug is proof enough.
Advisory: a third exposure, or the course went on beyond the days for a decision.
Indeterminate: the decision is not due yet, or a censored value leaves the recurrence open.
"""

import polars as pl

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Outcome, Proof, Rule, counted, day, text
from audit.rules._course import CHANGES_ON, first_after, taken
from audit.rules._proofs import COURSE_END, ENZYMES, LAST_DOSE, baselines, highest
from audit.rules._stop import bilirubin_limit, trigger_limits


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to an edition's numbers and words."""
    decision = guideline["recurrence_decision_days"]
    certain, first = pl.col("recurred_on"), pl.col("may_have_recurred_on")
    further = pl.col("further_start").is_not_null()
    runs_on = pl.col("last_dose") == pl.col("observed_to")
    has_recurred = certain.is_not_null()

    def is_decided(since: pl.Expr) -> pl.Expr:
        return pl.col("observed_to") >= since + decision.days

    # The days of a certain and of a possible recurrence differ: does the verdict?
    is_open = runs_on & ~further & has_recurred & (is_decided(certain) != is_decided(first))
    is_open = is_open.fill_null(value=False) | (first.is_not_null() & ~has_recurred)
    waits = runs_on & ~further & ~is_decided(certain)
    ended, days = pl.col("planned_last") + 1, counted(decision.days, "day")
    in_reach = pl.col("date") <= pl.col("last_dose") + guideline["recurrence_after_stop_days"].days
    recurs, multiple = pl.col("recurs_possible") & in_reach, guideline["recurrence_min_x_ref"].number
    triggered = trigger_limits(guideline)
    # What is no recurrence by itself is one as a trigger: by the lowest limit of those that it triggers.
    by_trigger = pl.min_horizontal(*(pl.when(form).then(limit) for form, limit in triggered.items()))
    limit = pl.when(recurs).then(multiple * pl.col("reference")).otherwise(by_trigger)
    return Rule(
        entry=entry,
        definition="Recurrence: any trigger of the stop rules, or ALT or AST >= recurrence_min_x_ref x E from day 1 "
        "to recurrence_after_stop_days after the last dose, before any further course. Then a further "
        "course, or a course still running recurrence_decision_days later, is advisory.",
        cites=(guideline["recurrence_min_x_ref"], guideline["recurrence_after_stop_days"], decision),
        proofs=(
            Proof("recurrence", "enzymes", recurs | pl.any_horizontal(*triggered), limit),
            Proof("symptom", "symptoms", pl.col("stop_with_symptom")),
            Proof("bilirubin", "bilirubins", pl.col("stop_with_bilirubin"), bilirubin_limit(guideline)),
            Proof("third_exposure", "records", pl.col("begins_further")),
            LAST_DOSE,
            baselines(*ENZYMES),
        ),
        outcomes=(
            Outcome(
                "not_applicable",
                "no_recurrence",
                "no recurrence after the restart",
                first.is_null(),
                text("No recurrence of hepatotoxicity after the restart on {}.", day("restart_date")),
                proofs=(highest("enzymes", multiple * pl.col("reference"), in_reach), COURSE_END),
            ),
            Outcome(
                "indeterminate",
                "censored_value",
                "a censored value leaves the recurrence or its day open",
                is_open,
                text("A censored value leaves open whether hepatotoxicity recurred on {}.", day(first)),
                event_date=first,
                next_change_on=pl.when(runs_on).then(
                    first_after(first + decision.days, certain + decision.days, ended)
                ),
            ),
            Outcome(
                "indeterminate",
                "decision_not_due",
                "the days for a decision are not over",
                has_recurred & ~is_open & waits,
                text(f"Hepatotoxicity recurred on {{}}; {{}}, within {days} for a decision.", day(certain), taken()),
                event_date=certain,
                next_change_on=first_after(first + decision.days, certain + decision.days, CHANGES_ON),
            ),
            Outcome(
                entry.broken,
                "third_exposure",
                "a further course followed the recurrence",
                has_recurred & ~is_open & further,
                text(
                    "Hepatotoxicity recurred on {} and a further course began on {}.",
                    day(certain),
                    day("further_start"),
                ),
                event_date=pl.col("further_start"),
            ),
            Outcome(
                entry.broken,
                "continued",
                "the course went on after the recurrence",
                has_recurred & ~is_open & ~further & runs_on & ~waits,
                text(f"Hepatotoxicity recurred on {{}} and {{}}, {days} or more later.", day(certain), taken()),
                event_date=certain,
                next_change_on=CHANGES_ON,
            ),
            Outcome(
                "pass",
                "discontinued",
                "the drug was not taken up again after the recurrence",
                pl.lit(value=True),
                text(
                    "Hepatotoxicity recurred on {}; the drug ended on {} and was not restarted.",
                    day(certain),
                    day("last_dose"),
                ),
                event_date=certain,
            ),
        ),
    )
