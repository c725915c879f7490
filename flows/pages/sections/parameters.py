"""The full set of parameters in force."""

from typing import Any

from audit.guideline import Guideline
from flows.pages.facts import Facts
from flows.wording import value_of


def section(facts: Facts) -> dict[str, Any]:
    """Return `parameters`, by name."""
    guideline = facts.guideline
    return {"parameters": [parameter(guideline, name) for name in sorted(guideline.parameters)]}


def parameter(guideline: Guideline, name: str) -> dict[str, str]:
    """Return one parameter as the table shows it."""
    found = guideline[name]
    source = "this site" if name in guideline.overlaid else f"{found.source}, {found.locator}"
    return {"name": name, "value": value_of(found), "statement": found.statement, "source": source}
