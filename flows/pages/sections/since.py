"""What changed since the release before: by cause and change, each a line that opens."""

from collections.abc import Iterable
from typing import Any

import polars as pl

from audit.changes import gravest_first
from audit.vocabulary import CAUSES, CHANGES_OF_A_FINDING
from flows.pages.facts import Facts

ROWS = 200


def section(facts: Facts) -> dict[str, Any]:
    """Return `since`: the release that was compared with or why none was, and the changes in groups."""
    changes = facts.changes
    return {
        "since": {
            "release": facts.compared_with,
            "why": facts.not_compared,
            "total": changes.height,
            "groups": list(groups(gravest_first(changes))),
        }
    }


def groups(changes: pl.DataFrame) -> Iterable[dict[str, Any]]:
    """Yield the changes of each cause and kind, what nothing explains first, at most so many rows of each."""
    for cause in reversed(CAUSES):
        for change in CHANGES_OF_A_FINDING:
            mine = changes.filter(pl.col("cause") == cause, pl.col("change") == change)
            if mine.height:
                rows = list(mine.head(ROWS).iter_rows(named=True))
                yield {"cause": cause, "change": change, "total": mine.height, "rows": rows}
