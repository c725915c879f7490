"""What is to be acted on now: every finding of that urgency, but those that a mark folds away."""

from typing import Any

from flows.pages.facts import Facts


def section(facts: Facts) -> dict[str, Any]:
    """Return `act_now`: the rows, the gravest first, each with the place of its chart, and how many are folded away."""
    rows, folded = facts.listed("act_now")
    return {"act_now": {"rows": [facts.with_chart(row) for row in rows.iter_rows(named=True)], "folded": folded}}
