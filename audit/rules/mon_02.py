"""Liver enzymes are tested every two weeks in the third month after the restart.

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
        id="MON-02",
        title="Two-weekly tests in the third month",
        statement="Continue monitoring every 2 weeks for the third month",
        definition="Slots at day 74 and 88 +/- tolerance_biweekly, and two more per extension block.",
    )
