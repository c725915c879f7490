"""Liver enzymes are tested weekly for two months after the restart.

Why it matters: a second injury is found early only by a draw.
Violation: consecutive slots or too many of the phase were missed. Advisory: fewer were.
Indeterminate: a censored value leaves the schedule open. Not applicable: nothing was due yet.
"""

from audit.guideline import Guideline
from audit.rule import Rule
from audit.rules._phase import phase_rule


def rule(guideline: Guideline) -> Rule:
    """Bind the rule to an edition's numbers."""
    return phase_rule(
        guideline,
        id="MON-01",
        title="Weekly tests for two months",
        statement="Monitor liver enzymes weekly for the first 2 months after restarting azathioprine",
        definition="Slots at day 7k +/- tolerance_weekly, k = 1..8; a slot is met by any ALT or AST draw in its "
        "window.",
    )
