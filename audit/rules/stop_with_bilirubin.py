"""The drug is discontinued at a multiple of the reference with raised bilirubin.

Why it matters: going on at these values risks liver failure.
Violation: doses went on beyond the grace days after a trigger. The worst trigger counts.
Indeterminate: observation ended too early, or what the feed holds leaves the trigger open.
"""

import polars as pl

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Proof, Rule, text
from audit.rules._proofs import ENZYMES, baselines, highest
from audit.rules._stop import ENZYME, bilirubin_limit, measured, stop_rule


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to an edition's numbers and words."""
    return stop_rule(
        guideline,
        entry,
        definition="ALT or AST >= stop_bili_enzyme_multiple x E and bilirubin >= stop_bili_multiple x E within "
        "stop_bili_window_days of each other, both after day 0; the trigger is the later day, which must "
        "be on drug. The worst response counts.",
        names=("stop_bili_enzyme_multiple", "stop_bili_multiple", "stop_bili_window_days"),
        found=text("{} came with {}", ENZYME, measured("bilirubin", pl.lit("bilirubin"), "worst_other_date")),
        proofs=(
            Proof("bilirubin", "bilirubins", pl.col(entry.form), bilirubin_limit(guideline)),
            baselines(*ENZYMES, "bilirubin_total"),
        ),
        untriggered=(highest("bilirubins", bilirubin_limit(guideline)),),
    )
