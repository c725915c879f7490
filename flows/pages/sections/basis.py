"""What the guideline rests on."""

from typing import Any

from flows.pages.facts import Facts


def section(facts: Facts) -> dict[str, Any]:
    """Return `basis`."""
    return {"basis": facts.guideline.basis}
