"""Liver enzymes are tested every three months in the long term after the restart.

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
        id="MON-04",
        title="Quarterly tests long-term",
        statement="After 3 months with stable values, reduce monitoring frequency to monthly for 3 months, then "
        "every 3 months long-term",
        definition="Rolling from the last monthly slot: the next draw is due 90 days after the anchor and missed "
        "when none falls within 90 + tolerance_quarterly days of it.",
    )
