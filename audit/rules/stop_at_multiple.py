"""The drug is interrupted at once at a multiple of the reference or at an absolute limit, whichever comes first.

Why it matters: going on at these values risks liver failure.
Violation: doses went on beyond the grace days after a trigger. The worst trigger counts.
Indeterminate: observation ended too early, or what the feed holds leaves the trigger open.
"""

import polars as pl

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Rule, text
from audit.rules._proofs import ENZYMES, baselines
from audit.rules._stop import ENZYME, stop_rule


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to an edition's numbers and words."""
    return stop_rule(
        guideline,
        entry,
        definition="Triggers: every day from day 1 on drug in the restart course with ALT or AST >= stop_multiple x "
        "E or >= stop_absolute_u_l; each is judged by its response, the worst counts.",
        names=("stop_multiple", "stop_absolute_u_l"),
        found=text(
            f"{{}} {{}} {guideline['stop_multiple'].digits} x or {guideline['stop_absolute_u_l'].digits} U/L",
            ENZYME,
            pl.when("enzyme_is_certain").then(pl.lit("reached")).otherwise(pl.lit("may have reached")),
        ),
        proofs=(baselines(*ENZYMES),),
    )
