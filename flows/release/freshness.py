"""How fresh a feed is (history.md section 7): what every release says on its face, and what its first line warns of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from flows.days import iso_day
from flows.errors import Refused
from flows.intake import end_of
from flows.references import Site
from flows.release.opened import manifests
from flows.wording import DASH, plain_percent

USUAL_RELEASES = 7
SHARE = 0.5
NEWEST = ("result", "draw", "exposure")
NOT_TOLD = "an unknown day"


@dataclass(frozen=True, slots=True)
class Usual:
    """The median of the rows read of each table in the last releases of a home, and the ids of those, oldest first."""

    rows: Mapping[str, float] = field(default_factory=dict)
    releases: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Return what the median is of."""
        n = len(self.releases)
        return f"median of the last {'release' if n == 1 else f'{n} releases'}" if n else "no earlier release"

    def told(self) -> dict[str, Any]:
        """Return it as a manifest tells it."""
        return {"median": dict(self.rows), "releases": list(self.releases)}


@dataclass(frozen=True, slots=True)
class Volume:
    """The rows read of a received table beside the usual ones; those are null where no earlier release counted it."""

    table: str
    rows: int
    usual: float | None

    @property
    def is_low(self) -> bool:
        """Return whether the table has less than half of its usual rows."""
        return self.usual is not None and self.rows < SHARE * self.usual

    @property
    def share(self) -> str:
        """Return the rows in per cent of the usual ones, never a half by rounding alone, or why there is no share."""
        if self.usual is None:
            return DASH
        if not self.usual:
            return "new" if self.rows else DASH
        least = f"{100 * SHARE - 0.1:.1f} %"
        said = plain_percent(self.rows, self.usual)
        return least if self.is_low and said == plain_percent(SHARE, 1) else said


@dataclass(frozen=True, slots=True)
class Freshness:
    """The days of a feed and the rows of its tables; without an as-of date or a day of the extract it has no end."""

    as_of: date | None
    extracted_on: date | None
    newest_result: date | None
    newest_draw: date | None
    newest_exposure: date | None
    rows: Mapping[str, int] = field(default_factory=dict)
    usual: Usual = field(default_factory=Usual)

    @property
    def feed_end(self) -> date | None:
        """Return the end of the feed."""
        return self.extracted_on if self.as_of is None else end_of(self.as_of, self.extracted_on)

    @property
    def volumes(self) -> list[Volume]:
        """Return each received table with its rows and the usual ones."""
        return [Volume(table, rows, self.usual.rows.get(table)) for table, rows in self.rows.items()]

    def face(self) -> dict[str, str | None]:
        """Return the days that a release says of itself, as text."""
        days = (self.extracted_on, self.as_of, self.newest_result, self.newest_draw, self.newest_exposure)
        names = ("extracted_on", "as_of", "newest_result", "newest_draw", "newest_exposure")
        return {name: day.isoformat() if day else None for name, day in zip(names, days, strict=True)}

    def lines(self) -> list[str]:
        """Return the same in a sentence, and another of the rows of each table beside the usual ones."""
        said = self.face()
        newest = ", ".join(f"newest {what} {said[f'newest_{what}'] or 'none'}" for what in NEWEST)
        rows = ", ".join(beside(one) if self.usual.releases else f"{one.table} {one.rows:,}" for one in self.volumes)
        compared = "beside the usual ones" if self.usual.releases else "with nothing to compare them with"
        return [
            f"Extracted on {said['extracted_on'] or NOT_TOLD}, as of {said['as_of'] or NOT_TOLD}; {newest}.",
            f"Rows received, {compared} ({self.usual.words}): {rows}.",
        ]

    def warnings(self, site: Site) -> list[str]:
        """Return a line for each kind of row, and each table, that may have stopped coming; no verdict changes."""
        end = self.feed_end
        lines = []
        for what, newest in (("result", self.newest_result), ("exposure", self.newest_exposure)):
            if newest is None:
                lines.append(f"the feed holds no {what}" + (f" up to its end on {end}" if end else ""))
            elif end and (age := (end - newest).days) > site.max_result_age_days:
                lines.append(
                    f"the newest {what} is of {newest}, {days_of(age)} before the end of the feed on {end}"
                    f" (max_result_age_days {site.max_result_age_days})"
                )
        return [*lines, *(shrunken(one, self.usual) for one in self.volumes if one.is_low)]


def freshness_of(said: Mapping[str, Any]) -> Freshness:
    """Return how fresh a feed was, as the manifest of its release tells."""
    names = ("as_of", "extracted_on", *(f"newest_{what}" for what in NEWEST))
    days = {name: iso_day(said[name]) if said[name] else None for name in names}
    rows = {row["table_name"]: row["read"] for row in said["conservation"]}
    usual = Usual(said["usual_rows"]["median"], tuple(said["usual_rows"]["releases"]))
    return Freshness(**days, rows=rows, usual=usual)


def require_fresh(as_of: date, extracted_on: date | None, site: Site) -> None:
    """Raise Refused where the extract is too old for an audit as of that date."""
    if extracted_on is not None and (age := (as_of - extracted_on).days) > site.max_extract_age_days:
        raise Refused(
            f"extract: taken on {extracted_on}, {days_of(age)} before the as-of date {as_of}"
            f" (max_extract_age_days {site.max_extract_age_days})"
        )


def shrunken(one: Volume, usual: Usual) -> str:
    """Return the line of a table that has less than half of its usual rows."""
    rows = f"{one.rows:,} row{'' if one.rows == 1 else 's'}"
    return f"{one.table} has {rows}, less than half of the usual {plain_rows(one.usual)} ({usual.words})"


def beside(one: Volume) -> str:
    """Return a table's rows with the usual ones in brackets."""
    usual = "not counted before" if one.usual is None else f"usual {plain_rows(one.usual)}"
    return f"{one.table} {one.rows:,} ({usual})"


def plain_rows(usual: float | None) -> str:
    """Return a median of rows in digits, a half where it lies between two, or a dash."""
    return DASH if usual is None else f"{usual:,.1f}".removesuffix(".0")


def days_of(n: int) -> str:
    """Return a number of days in words."""
    return f"{n} day{'' if n == 1 else 's'}"


def usual_rows(home: Path) -> Usual:
    """Return what the last seven releases of a home, by the time that they were started, make usual."""
    counts = sorted(_counted(home), key=lambda one: one[0])[-USUAL_RELEASES:]
    by_table: dict[str, list[int]] = {}
    for _, _, read in counts:
        for table, rows in read.items():
            by_table.setdefault(table, []).append(rows)
    medians = {table: float(median(rows)) for table, rows in by_table.items()}
    return Usual(medians, tuple(name for _, name, _ in counts))


def _counted(home: Path) -> Iterator[tuple[str, str, dict[str, int]]]:
    """Yield when each release was started, its id and the rows that it read; an unreadable manifest tells nothing."""
    for name, said in manifests(home):
        try:
            read = {_table_of(row): int(row["read"]) for row in said["conservation"]}
            counted = str(said["started_at"]), name, read
        except (ArithmeticError, ValueError, LookupError, TypeError):
            continue
        yield counted


def _table_of(row: Mapping[str, Any]) -> str:
    """Return the table that a line of the account tells of; earlier releases wrote it as `table`."""
    return str(row["table_name"] if "table_name" in row else row["table"])


def first_line(warnings: Sequence[str]) -> str:
    """Return the warnings in one line, empty without any."""
    return f"Warning: {'; '.join(warnings)}." if warnings else ""


def fresh(
    as_of: date | None,
    extracted_on: date | None,
    newest: Mapping[str, date | None],
    conservation: pl.DataFrame,
    usual: Usual,
) -> Freshness:
    """Return how fresh a feed is, from its newest rows and what became of all of them."""
    rows = dict(conservation.select("table_name", "read").iter_rows())
    return Freshness(as_of, extracted_on, **newest, rows=rows, usual=usual)
