"""What is to be acted on now: every finding of that urgency, but those that a mark folds away."""

from typing import Any

import polars as pl

from audit.changes import waiting
from flows.pages.facts import Facts


def section(facts: Facts) -> dict[str, Any]:
    """Return `act_now`: the rows, the latest event first, and how many a mark folds away."""
    listed = waiting(facts.judged.urgency, facts.judged.findings, facts.marks)
    found = listed.filter(pl.col("urgency") == "act_now")
    rows = found.filter(~pl.col("is_folded"))
    return {"act_now": {"rows": list(rows.iter_rows(named=True)), "folded": found.height - rows.height}}
