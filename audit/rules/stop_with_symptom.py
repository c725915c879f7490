"""The drug is stopped at a multiple of the reference with symptoms.

Why it matters: going on at these values risks liver failure.
Violation: doses went on beyond the grace days after a trigger. The worst trigger counts.
Indeterminate: observation ended too early, or what the feed holds leaves the trigger open.
"""

import polars as pl

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Outcome, Proof, Rule, day, text
from audit.rules._proofs import ENZYMES, ON_DRUG, baselines
from audit.rules._stop import ENZYME, stop_rule, trigger_limits


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to an edition's numbers and words."""
    limit = trigger_limits(guideline)[entry.form]
    return stop_rule(
        guideline,
        entry,
        definition="ALT or AST >= stop_symptom_multiple x E and a symptom of stop_symptoms, both after day 0, "
        "within stop_symptom_window_days; the trigger is the later day, which must be on drug. The worst "
        "response counts.",
        names=("stop_symptom_multiple", "stop_symptoms", "stop_symptom_window_days"),
        found=text("{} came with {} on {}", ENZYME, "symptoms", day("worst_other_date")),
        proofs=(Proof("symptom", "symptoms", pl.col(entry.form)), baselines(*ENZYMES)),
        untriggered=(Proof("symptom", "symptoms", ON_DRUG),),
        blind=Outcome(
            "indeterminate",
            "no_clinical_events",
            "the feed has no clinical events to pair with the enzyme",
            ~pl.col("has_events") & pl.col("symptom_multiple_on").is_not_null(),
            text(
                "An enzyme reached its multiple after the restart on {}, and the feed has no clinical events.",
                day("restart_date"),
            ),
            event_date=pl.col("symptom_multiple_on"),
            proofs=(Proof("trigger", "enzymes", pl.col("at_symptom_possible") & ON_DRUG, limit),),
        ),
    )
