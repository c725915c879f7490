"""A restart after a moderate injury rests on a documented weighing of benefit and risk.

Why it matters: after a moderate injury a restart is allowed only for a clear benefit.
Advisory: no structured benefit-risk entry from onset to restart.
Indeterminate: the grade may be moderate, or the feed has no clinical events.
"""

import polars as pl

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Outcome, Proof, Rule, day, number, text
from audit.rules._injury import grade as graded
from audit.rules._proofs import ONSET


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to an edition's numbers and words."""
    grade = pl.col("grade")
    is_moderate = grade.is_in(["moderate", "at_least_moderate"])
    may_be = grade.is_in(["at_least_none", "at_least_mild"])
    documented = pl.col("benefit_risk_on")
    moderate, severe = guideline["grade_moderate_min_x_uln"], guideline["grade_severe_gt_x_uln"]
    # Not moderate is below the one limit, or above the other.
    multiple = pl.when(grade == "severe").then(severe.number).otherwise(moderate.number)
    injured = graded(multiple * pl.col("uln"), "moderate")
    peak = text("peak {} x ULN on {}", number("peak_x_uln"), day("peak_date"))
    return Rule(
        entry=entry,
        definition="Grade moderate (or at least moderate): a structured benefit-risk entry from onset to restart.",
        cites=(moderate, severe),
        proofs=(
            *injured,
            Proof("benefit_risk", "entries"),
        ),
        outcomes=(
            Outcome(
                "not_applicable",
                "not_moderate",
                "the injury was not moderate",
                ~is_moderate & ~may_be,
                text("The injury was {} ({}), not moderate.", "grade", peak),
                proofs=injured,
            ),
            Outcome(
                "indeterminate",
                "grade_open",
                "a censored value leaves open whether the injury was moderate",
                may_be,
                text("A censored value leaves open whether the injury was moderate ({}).", peak),
            ),
            Outcome(
                "indeterminate",
                "no_clinical_events",
                "the feed has no clinical events",
                is_moderate & ~pl.col("has_events"),
                text(
                    "The injury was moderate ({}); the feed has no clinical events to show a benefit-risk entry.", peak
                ),
            ),
            Outcome(
                entry.broken,
                "no_entry",
                "no benefit-risk entry from onset to restart",
                is_moderate & documented.is_null(),
                text(
                    "Restarted on {} after a moderate injury ({}) without a benefit-risk entry since {}.",
                    day("restart_date"),
                    peak,
                    day("onset_date"),
                ),
                proofs=(ONSET,),
            ),
            Outcome(
                "pass",
                "documented",
                "a benefit-risk entry lies between onset and restart",
                documented.is_not_null(),
                text(
                    "Benefit and risk of the restart after a moderate injury ({}) were documented on {}.",
                    peak,
                    day(documented),
                ),
                event_date=documented,
            ),
        ),
    )
