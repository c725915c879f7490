"""What changed since the release before: by cause and change, each a line that opens."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from audit.changes import gravest_first
from audit.vocabulary import CAUSES, CHANGES_OF_A_FINDING
from flows.pages.facts import SINCE_ROWS, Facts
from flows.wording import count, words

# A change of edition is one line, whatever it did.
WHOLE: Final = ("edition", "edition_or_data")
BECAUSE: Final = MappingProxyType({
    "edition": "by another edition or program",
    "edition_or_data": "by another edition, or rows that it reads otherwise",
    "feed": "as the feed has other tables or ends earlier",
    "patient_gone": "as their patient is no longer in the extract",
    "corrected": "by corrected rows",
    "late": "by rows that came late",
    "time": "as time passed",
    "fresh": "by new rows",
    "unexplained": "unexplained",
})  # fmt: skip


def section(facts: Facts) -> dict[str, Any]:
    """Return `since`: the release that was compared with or why none was, and the changes in groups."""
    changes = gravest_first(facts.changes)
    return {
        "since": {
            "release": facts.compared_with,
            "why": facts.not_compared,
            "total": changes.height,
            "kinds": kinds(changes),
            "groups": [
                {**group, "rows": [facts.with_chart(row) for row in group["rows"].iter_rows(named=True)]}
                for group in groups(changes)
            ],
        }
    }


def groups(changes: pl.DataFrame) -> Iterable[dict[str, Any]]:
    """Yield the changes of each cause and kind, what nothing explains first, at most so many rows of each."""
    for cause in reversed(CAUSES):
        mine = changes.filter(pl.col("cause") == cause)
        if mine.is_empty():
            continue
        of_one = ((words(name), mine.filter(pl.col("change") == name)) for name in CHANGES_OF_A_FINDING)
        told = ", ".join(f"{count(kind['total'])} {words(kind['change'])}" for kind in kinds(mine))
        whole = f"finding{'' if mine.height == 1 else 's'} ({told})"
        parts = [(whole, mine)] if cause in WHOLE else of_one
        for what, rows in parts:
            if rows.height:
                yield {"cause": BECAUSE[cause], "what": what, "total": rows.height, "rows": rows.head(SINCE_ROWS)}


def kinds(changes: pl.DataFrame) -> list[dict[str, Any]]:
    """Return how many changes there are of each kind that there is."""
    counts = dict(changes.group_by("change").len().iter_rows())
    return [{"change": name, "total": counts[name]} for name in CHANGES_OF_A_FINDING if name in counts]
