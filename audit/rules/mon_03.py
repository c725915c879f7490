"""Liver enzymes are tested monthly for three months after stable values after the restart.

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
        id="MON-03",
        title="Monthly tests for three months",
        statement="After 3 months with stable values, reduce monitoring frequency to monthly for 3 months, then "
        "every 3 months long-term",
        definition="Slots at day 120, 150 and 180 +/- tolerance_monthly, moved 30 days per extension block.",
    )
