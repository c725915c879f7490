"""Alternate-day dosing is counted, not judged.

Why it matters: a lower risk is suggested, not shown.
"""

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Rule


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to an edition's words: it has no verdict, only a rate by regimen."""
    return Rule(
        entry=entry,
        definition="`alternate_day` of the episode: frequency every other day on the restart date. No verdict: "
        "recurrence by regimen.",
        cites=(guideline["recurrence_min_follow_up_days"],),
        outcomes=(),
    )
