"""How fresh a feed is (history.md section 7): what every release says on its face, and what its first line warns of."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from flows.errors import Refused
from flows.intake import end_of
from flows.references import Site

USUAL_RELEASES = 7
SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Freshness:
    """The days of a feed; `feed_end` is the earlier of the as-of date and the last day that the extract covers."""

    as_of: date
    extracted_on: date | None
    newest_result: date | None
    newest_draw: date | None
    newest_exposure: date | None

    @property
    def feed_end(self) -> date:
        """Return the end of the feed."""
        return end_of(self.as_of, self.extracted_on)

    def face(self) -> dict[str, str | None]:
        """Return what a release says of itself, as text."""
        days = (self.extracted_on, self.as_of, self.newest_result, self.newest_draw, self.newest_exposure)
        names = ("extracted_on", "as_of", "newest_result", "newest_draw", "newest_exposure")
        return {name: day.isoformat() if day else None for name, day in zip(names, days, strict=True)}

    def line(self) -> str:
        """Return the same in a sentence."""
        said = {name: day or "unknown" for name, day in self.face().items()}
        return (
            f"Extracted on {said['extracted_on']}, as of {said['as_of']}; newest draw {said['newest_draw']}, "
            f"newest exposure {said['newest_exposure']}."
        )

    def warnings(self, site: Site) -> list[str]:
        """Return a line for each kind of row that has stopped coming; no verdict changes for it."""
        lines = []
        for what, newest in (("result", self.newest_result), ("exposure", self.newest_exposure)):
            if newest is None:
                lines.append(f"the feed holds no {what} up to its end on {self.feed_end}")
            elif (age := (self.feed_end - newest).days) > site.max_result_age_days:
                lines.append(
                    f"the newest {what} is of {newest}, {age} days before the end of the feed on {self.feed_end}"
                    f" (max_result_age_days {site.max_result_age_days})"
                )
        return lines


def require_fresh(as_of: date, extracted_on: date | None, site: Site) -> None:
    """Raise Refused where the extract is too old for an audit as of that date."""
    if extracted_on is not None and (age := (as_of - extracted_on).days) > site.max_extract_age_days:
        raise Refused(
            f"extract: taken on {extracted_on}, {age} days before the as-of date {as_of}"
            f" (max_extract_age_days {site.max_extract_age_days})"
        )


def shrunken(conservation: pl.DataFrame, usual: Mapping[str, float], releases: int) -> list[str]:
    """Return a line for each table that has less than half of the rows that it usually has."""
    return [
        f"{table} has {rows:,} rows, less than half of the usual {usual[table]:,.0f}"
        f" (median of the last {'release' if releases == 1 else f'{releases} releases'})"
        for table, rows in conservation.select("table", "read").iter_rows()
        if rows < SHARE * usual.get(table, 0)
    ]


def usual_rows(home: Path) -> tuple[dict[str, float], int]:
    """Return the median of the rows read of each table in the last seven releases of a home, and how many those are."""
    counts = sorted(_counted(home), key=lambda one: one[0])[-USUAL_RELEASES:]
    by_table: dict[str, list[int]] = {}
    for _, read in counts:
        for table, rows in read.items():
            by_table.setdefault(table, []).append(rows)
    return {table: float(median(rows)) for table, rows in by_table.items()}, len(counts)


def _counted(home: Path) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield when each release was started, and the rows that it read; one without a readable manifest tells nothing."""
    for file in sorted((home / "releases").glob("*/manifest.json")):
        if file.parent.name.startswith("."):
            continue
        try:
            said: Any = json.loads(file.read_text(encoding="utf-8"))
            yield str(said["started_at"]), {row["table"]: int(row["read"]) for row in said["conservation"]}
        except (OSError, ValueError, KeyError, TypeError):
            continue


def first_line(warnings: Sequence[str]) -> str:
    """Return the warnings in one line, empty without any."""
    return f"Warning: {'; '.join(warnings)}." if warnings else ""
