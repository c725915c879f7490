"""Azathioprine is interrupted at once at 5 x its reference or at 500 U/L, whichever comes first.

Why it matters: going on at these values risks liver failure.
Violation: doses went on beyond the grace days after a trigger. The worst trigger counts.
Indeterminate: observation ended too early, or what the feed holds leaves the trigger open.
"""

from audit.guideline import Guideline
from audit.rule import Rule
from audit.rules._stop import stop_rule


def rule(guideline: Guideline) -> Rule:
    """Bind the rule to an edition's numbers."""
    return stop_rule(
        guideline,
        id="STP-01",
        title="Stop at 5 x or 500 U/L",
        statement="Interrupt treatment immediately if ALT/AST rises to >=5x baseline or >=500 U/L (whichever occurs "
        "first)",
        definition="Triggers: every day from day 1 on drug in the restart course with ALT or AST >= stop_multiple "
        "x E or >= stop_absolute_u_l; each is judged by its response, the worst counts.",
        names=("stop_multiple", "stop_absolute_u_l"),
        what=f"ALT or AST reached {guideline['stop_multiple'].digits} x its reference or "
        f"{guideline['stop_absolute_u_l'].digits} U/L",
    )
