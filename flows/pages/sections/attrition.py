"""The way from patients to audited restarts."""

from typing import Any

from flows.pages.facts import Facts
from flows.wording import share, words

BREAK_CLASSES = {
    "episode": "audited: a break with raised liver enzymes",
    "no_elevation": "no raised liver enzyme around the stop",
    "documented_without_lab": "stopped for the liver, but no qualifying result in the feed",
    "unobserved": "the course ended with a hospital discharge: what was taken at home is unknown",
    "new_start": "a break longer than the audited range: a new start",
    "short_interruption": "an interruption too short to be a break",
    "thiopurine_switch": "went on with another drug of the class: a switch, not a restart",
}


def section(facts: Facts) -> dict[str, Any]:
    """Return `attrition`."""
    return {"attrition": attrition(facts)}


def attrition(facts: Facts) -> list[dict[str, Any]]:
    """Return the way from patients to episodes: one step a line, breaks by class."""
    breaks = facts.judged.breaks
    by_class = dict(breaks.group_by("break_class").len().iter_rows())
    drug, people = facts.guideline.audited_drug, facts.patients
    steps = [
        ("", f"patients ever on {drug}", people, people),
        ("", "patients with a break", breaks["patient_id"].n_unique(), people),
        ("", "breaks", breaks.height, breaks.height),
        *((name, meaning, by_class.get(name, 0), breaks.height) for name, meaning in BREAK_CLASSES.items()),
        ("", "patients with an audited restart", facts.judged.episodes["patient_id"].n_unique(), people),
    ]
    return [
        {
            "name": words(name),
            "words": text,
            "count": n,
            "width": share(n, whole),
            "is_audited": name in ("", "episode"),
        }
        for name, text, n, whole in steps
    ]
