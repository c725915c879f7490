"""What is to be acted on now: every finding of that urgency, but those that a mark folds away."""

from typing import Any

import polars as pl

from flows.pages.facts import Facts

KEY = ["episode_id", "rule_id"]


def section(facts: Facts) -> dict[str, Any]:
    """Return `act_now`: the rows, the latest event first, and how many a mark folds away."""
    judged = facts.judged
    marks = facts.marks.select(*KEY, "mark", "marked_by", "is_changed", "is_folded")
    found = (
        judged.urgency.filter(pl.col("urgency") == "act_now")
        .join(judged.findings, on=KEY)
        .join(marks, on=KEY, how="left")
        .with_columns(pl.col("is_folded", "is_changed").fill_null(value=False))
        .sort("event_date", *KEY, descending=[True, False, False], nulls_last=True)
    )
    rows = found.filter(~pl.col("is_folded"))
    return {"act_now": {"rows": list(rows.iter_rows(named=True)), "folded": found.height - rows.height}}
