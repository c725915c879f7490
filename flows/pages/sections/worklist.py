"""The violations to look at."""

from typing import Any

import polars as pl

from audit.frames import Judged
from flows.pages.facts import Facts

WORKLIST_ROWS = 200


def section(facts: Facts) -> dict[str, Any]:
    """Return `worklist`."""
    return {"worklist": worklist(facts.judged)}


def worklist(judged: Judged) -> dict[str, Any]:
    """Return the violations, the most recent event first, and how many there are in all."""
    rows = (
        judged.findings.filter(pl.col("verdict") == "violation")
        .join(judged.episodes.select("episode_id", "restart_date"), on="episode_id")
        .sort("event_date", "episode_id", "rule_id", descending=[True, False, False], nulls_last=True)
    )
    return {"total": rows.height, "rows": list(rows.head(WORKLIST_ROWS).iter_rows(named=True))}
