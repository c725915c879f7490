"""The drug is not restarted after a severe injury.

Why it matters: a second injury after a severe one may not heal.
Violation: the peak from onset to restart was above the severe limit.
Indeterminate: a censored value may have been.
"""

import polars as pl

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Outcome, Rule, day, number, text
from audit.rules._injury import grade as graded


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to an edition's numbers and words."""
    severe = guideline["grade_severe_gt_x_uln"]
    grade, may_be_severe = pl.col("grade"), pl.col("may_be_severe")
    said = grade.str.replace_all("_", " ")
    peak = text("{} {} x ULN on {}", pl.col("peak_concept").str.to_uppercase(), number("peak_x_uln"), day("peak_date"))
    return Rule(
        entry=entry,
        definition="Grade severe: the largest ALT or AST from onset to the day before restart is above "
        "grade_severe_gt_x_uln x ULN. Indeterminate only where the true value of a censored one could "
        "be.",
        cites=(severe,),
        proofs=graded(severe.number * pl.col("uln"), "severe"),
        outcomes=(
            Outcome(
                entry.broken,
                "severe",
                "the peak was above the severe limit",
                grade == "severe",
                text(
                    f"Restarted on {{}} after a severe injury (above {severe.digits} x ULN): peak {{}}.",
                    day("restart_date"),
                    peak,
                ),
                event_date=pl.col("peak_date"),
            ),
            Outcome(
                "indeterminate",
                "grade_open",
                "a censored value leaves open whether the injury was severe",
                grade.str.starts_with("at_least_") & may_be_severe,
                text("A censored value leaves open whether the injury was severe; largest known: {}.", peak),
                event_date=pl.col("peak_date"),
            ),
            Outcome(
                "pass",
                "not_severe",
                "the peak was not above the severe limit",
                pl.lit(value=True),
                text("The injury was {}, not severe: peak {}.", said, peak),
                event_date=pl.col("peak_date"),
            ),
        ),
    )
