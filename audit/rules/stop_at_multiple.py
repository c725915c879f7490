"""The drug is interrupted at once at a multiple of the reference or at an absolute limit, whichever comes first.

Why it matters: going on at these values risks liver failure.
Violation: doses went on beyond the grace days after a trigger. The worst trigger counts.
Indeterminate: observation ended too early, or what the feed holds leaves the trigger open.
"""

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Rule
from audit.rules._proofs import ENZYMES, baselines
from audit.rules._stop import stop_rule


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to an edition's numbers and words."""
    return stop_rule(
        guideline,
        entry,
        definition="Triggers: every day from day 1 on drug in the restart course with ALT or AST >= stop_multiple x "
        "E or >= stop_absolute_u_l; each is judged by its response, the worst counts.",
        names=("stop_multiple", "stop_absolute_u_l"),
        what=f"ALT or AST reached {guideline['stop_multiple'].digits} x its reference or "
        f"{guideline['stop_absolute_u_l'].digits} U/L",
        proofs=(baselines(*ENZYMES),),
    )
