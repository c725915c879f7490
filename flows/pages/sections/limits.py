"""What this audit cannot see."""

from typing import Any

from flows.pages.facts import Facts

LIMITS = (
    "It sees records, not patients: a prescription is taken for a dose, and blood drawn elsewhere is not seen.",
    "It judges the article as written; the table above says how little evidence stands behind several of its numbers.",
    "An indeterminate verdict is not a good one: it says that the records cannot answer.",
    "Several restarts of one patient are judged alone and counted each; the intervals take them as independent.",
    "Rates compare sites only as far as their feeds are equally complete.",
    "Free text (a clinician's reasoning, a telephone call, a plan) is not read.",
)


def section(facts: Facts) -> dict[str, Any]:
    """Return `limits`, the same for every run."""
    return {"limits": LIMITS}
