"""What the report is made of, and the counts of a rule in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from audit.frames import Judged
from audit.guideline import Guideline
from audit.rule import Rule
from flows.days import iso_day
from flows.intake import end_of
from flows.release import Freshness


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the page shows: what was judged, what became of the rows, and under which edition.

    Nothing has a default: what a run does not fill in would be shown as if there were none.
    """

    judged: Judged
    patients: int
    rejects: pl.DataFrame
    unlisted: pl.DataFrame
    matched: pl.DataFrame
    conservation: pl.DataFrame
    notes: Sequence[str]
    guideline: Guideline
    rules: Mapping[str, Rule]
    run: Mapping[str, Any]
    warnings: Sequence[str]
    freshness: Freshness | None
    unread_texts: pl.DataFrame
    source_rows: pl.DataFrame
    implausible_limits: pl.DataFrame
    changes: pl.DataFrame
    marks: pl.DataFrame
    compared_with: str | None
    not_compared: str


def feed_end(facts: Facts) -> date:
    """Return the last day that the feed covers."""
    as_of, taken = facts.run["as_of"], facts.run["extracted_on"]
    return end_of(iso_day(as_of), iso_day(taken) if taken else None)


def measure(measures: pl.DataFrame, rule_id: str) -> dict[str, Any]:
    """Return a rule's counts over the whole cohort; empty without an episode."""
    rows = measures.filter(pl.col("rule_id") == rule_id, pl.col("stratum") == "overall")
    return rows.row(0, named=True) if rows.height else {}
