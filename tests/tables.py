"""Reader of the small text tables in which the specifications show their patients.

A table has a header line and one row a line, cells parted by `|`. Days count from the restart (day 0).
Whatever is not understood raises `TableError`: a table that is read wrongly would test nothing.
"""

import re
from dataclasses import dataclass, field

COLUMNS = ("who", "day", "what", "value", "id")
EVERYONE = "all"
ALONE = "patient"

_DAY = r"-?\d+"
_NUMBER = r"\d+(?:\.\d+)?"


class TableError(ValueError):
    """A table that cannot be read; the message shows the line."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as written: its columns, and each row's cells by column beside the line itself."""

    header: list[str]
    rows: list[tuple[dict[str, str], str]]


@dataclass(frozen=True, slots=True)
class Days:
    """Single days, or one span whose end is None while it is open."""

    points: tuple[int, ...] = ()
    span: tuple[int, int | None] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table, split into its cells; `line` is kept for messages."""

    who: str
    day: str
    what: str
    value: str
    id: str
    line: str

    def fail(self, why: str) -> TableError:
        """Return the error that shows this line."""
        return TableError(f"{why}: {self.line!r}")


@dataclass(frozen=True, slots=True)
class Result:
    """A laboratory value as written: `>400/40` is above 400 at an upper limit of 40."""

    value: float
    comparator: str | None
    uln: float | None


@dataclass(frozen=True, slots=True)
class Prescription:
    """The value cell of a drug: `50 mg QOD explicit reason=hepatotoxicity supply=28 product=B`."""

    dose_mg: float | None = None
    frequency: str | None = None
    end_type: str | None = None
    words: dict[str, str] = field(default_factory=dict)


def read(text: str) -> list[Row]:
    """Return the rows of a table, or raise `TableError`."""
    grid = cells(text)
    if unknown := [name for name in grid.header if name not in COLUMNS]:
        raise TableError(f"unknown columns {unknown}: {grid.header}")
    if not {"day", "what"} <= set(grid.header):
        raise TableError(f"a header names day and what: {grid.header}")
    return [_row(given, line) for given, line in grid.rows]


def cells(text: str) -> Grid:
    """Return header and cells of a table of any columns, each column once and a cell under each; or raise."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if len(lines) < 2:
        raise TableError(f"a table needs a header and at least one row: {text!r}")
    header, *rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    if len(set(header)) != len(header):
        raise TableError(f"a header names each column once: {lines[0]!r}")
    for row, line in zip(rows, lines[1:], strict=True):
        if len(row) != len(header):
            raise TableError(f"{len(row)} cells under {len(header)} columns: {line!r}")
    given = [dict(zip(header, row, strict=True)) for row in rows]
    return Grid(header, list(zip(given, lines[1:], strict=True)))


def _row(given: dict[str, str], line: str) -> Row:
    if "who" in given and not given["who"]:
        raise TableError(f"a row of a table with the column who names somebody: {line!r}")
    if not given["what"]:
        raise TableError(f"a row says what (of a patient with no rows of its own: standard): {line!r}")
    filled = {name: given.get(name, "") for name in COLUMNS}
    return Row(**{**filled, "who": filled["who"] or ALONE}, line=line)


def names(rows: list[Row]) -> list[str]:
    """Return the patients of a table in order of appearance; `p1..p3` names three."""
    found = [name for row in rows for name in members(row) if name != EVERYONE]
    if not found:
        raise TableError("a table names at least one patient beside 'all'")
    return list(dict.fromkeys(found))


def members(row: Row) -> list[str]:
    """Return whom a row is about: names parted by commas, or a run such as `p1..p3`."""
    found: list[str] = []
    for part in (part.strip() for part in row.who.split(",")):
        if run := re.fullmatch(r"([a-z]+)(\d+)\.\.([a-z]+)(\d+)", part):
            first, last = int(run[2]), int(run[4])
            if run[1] != run[3] or first > last:
                raise row.fail("not a run of names")
            found += [f"{run[1]}{number}" for number in range(first, last + 1)]
        elif re.fullmatch(r"[a-z](?:[a-z0-9 _-]|\.\d)*", part):
            found.append(part)
        else:
            raise row.fail("not a name")
    return found


def days(row: Row) -> Days:
    """Return the days of a row: `3`, `7, 14`, `7..56 by 7`, `-400..-31` or `0..`."""
    if span := re.fullmatch(rf"({_DAY})\.\.({_DAY})?", row.day):
        first, last = int(span[1]), int(span[2]) if span[2] else None
        return Days(span=(first, last))
    found: list[int] = []
    for part in (part.strip() for part in row.day.split(",")):
        if steps := re.fullmatch(rf"({_DAY})\.\.({_DAY}) by (\d+)", part):
            found += range(int(steps[1]), int(steps[2]) + 1, int(steps[3]))
        elif re.fullmatch(_DAY, part):
            found.append(int(part))
        else:
            raise row.fail("not a day")
    if not found:
        raise row.fail("no day in that run")
    return Days(points=tuple(found))


def points(row: Row) -> tuple[int, ...]:
    """Return the single days of a row; a span raises."""
    found = days(row)
    if found.span is not None:
        raise row.fail("single days are wanted, not a span")
    return found.points


def span(row: Row) -> tuple[int, int | None]:
    """Return the first and the last day of a row; single days raise."""
    found = days(row)
    if found.span is None:
        raise row.fail("a span is wanted, such as 0..30 or 0..")
    first, last = found.span
    if last is not None and last < first:
        raise row.fail("a span that ends before it starts")
    return first, last


def result(row: Row) -> Result:
    """Return the laboratory value of a row: comparator, value and upper limit, as in `>=400/40`."""
    found = re.fullmatch(rf"(<=|>=|<|>)?({_NUMBER})(?:/({_NUMBER}))?", row.value)
    if not found:
        raise row.fail("not a laboratory value")
    return Result(float(found[2]), found[1], float(found[3]) if found[3] else None)


def prescription(row: Row) -> Prescription:
    """Return dose, frequency, end type and key=value words of a drug; `? mg` is an unknown dose."""
    dose, rest = None, row.value
    if found := re.match(rf"({_NUMBER}|\?) mg(?: |$)", row.value):
        dose, rest = None if found[1] == "?" else float(found[1]), row.value[found.end() :]
    said: dict[str, str] = {}
    for word in rest.split():
        key, _, value = word.partition("=")
        if key in ("QD", "QOD", "BID") and not value:
            key, value = "frequency", word
        elif key in ("explicit", "supply", "ongoing", "discharge") and not value:
            key, value = "end_type", word
        if (
            key not in ("frequency", "end_type", "reason", "supply", "product", "route", "basis")
            or not value
            or key in said
        ):
            raise row.fail(f"not understood: {word!r}")
        said[key] = value
    frequency, end_type = said.pop("frequency", None), said.pop("end_type", None)
    return Prescription(dose, frequency, end_type, said)
