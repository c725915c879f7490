"""The analysts' views: one SELECT a file of sql/analyst, and above it what the view and its own columns are.

The head of a file is a line that says what the view is, and a line `-- column: meaning` for each column that is not
one of a table which the view reads: those are told by the table's frame.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import cast

import polars as pl

from audit.frames import RELEASED, Column, Frame
from flows.errors import Broken
from flows.shipped import SQL
from flows.warehouse import Connection, Warehouse

ANALYST = SQL / "analyst"
READ = re.compile(r"\b(?:from|join)\s+(\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class View:
    """One view: what it is, what its own columns mean, and its SELECT."""

    name: str
    meaning: str
    own: Mapping[str, str]
    select: str


def views() -> list[View]:
    """Return the views by name."""
    return [parsed(path.stem, path.read_text(encoding="utf-8")) for path in sorted(ANALYST.glob("*.sql"))]


def parsed(name: str, text: str) -> View:
    """Return a view from the text of its file; Broken where a line of its head tells of nothing."""
    lines = text.splitlines(keepends=True)
    head = list(takewhile(lambda line: line.startswith("-- "), lines))
    if not head:
        raise Broken(f"the view {name} does not say what it is")
    meaning, *told = (line.removeprefix("-- ").rstrip() for line in head)
    own = {}
    for line in told:
        column, colon, said = line.partition(": ")
        if not colon or column in own:
            raise Broken(f"the view {name} tells of no column, or of one twice: {line}")
        own[column] = said
    return View(name, meaning, own, "".join(lines[len(head) :]))


def create(connection: Connection, view: View) -> Frame:
    """Create a view over the released tables, and return what it is with its columns as a frame without keys."""
    connection.execute(f"create view {view.name} as {view.select}")
    rows = cast("pl.DataFrame", pl.from_arrow(connection.sql(f"from {view.name} limit 0").to_arrow_table()))
    return described(view, rows.schema)


def described(view: View, schema: Mapping[str, pl.DataType]) -> Frame:
    """Return a view as a frame; Broken where a column has no meaning, or a meaning no column."""
    told = {column.name: column for column in _of_tables(view)}
    if strays := sorted({*(schema.keys() - told.keys() - view.own.keys()), *(view.own.keys() - schema.keys())}):
        said = f"the view {view.name} has columns without a meaning, or meanings without a column"
        raise Broken(f"{said}: {', '.join(strays)}")
    columns = (
        Column(name, dtype, view.own[name])
        if name in view.own
        else Column(name, dtype, told[name].meaning, told[name].unit)
        for name, dtype in schema.items()
    )
    return Frame(view.name, view.meaning, tuple(columns))


def _of_tables(view: View) -> Iterator[Column]:
    """Yield the columns of the tables that a view reads, those of the table that it reads first last."""
    frames = {frame.name: frame for frame in RELEASED}
    for name in reversed(READ.findall(view.select)):
        if name in frames:
            yield from frames[name].columns


def described_views() -> Iterator[Frame]:
    """Yield each view as a frame, as it is over tables without rows."""
    with Warehouse() as warehouse:
        for frame in RELEASED:
            warehouse.load("main", frame.name, frame.empty())
        for view in views():
            yield create(warehouse.connection, view)
