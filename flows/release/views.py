"""The analysts' views and macros: one SELECT a file of sql/analyst, and above it what it and its own columns are.

Views of the folder itself stand beside the tables, those of `schema` in the schema `analyst`, and the table macros of
`macros` in both. The head of a file is a line that says what it is, a line `-- (name): meaning.` for each argument of a
macro, in their order, and a line `-- column: meaning.` for each column that is not one of a table or view which it
reads: those are told by that table.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import cast

import polars as pl

from audit.frames import ABOUT, RELEASED, Column, Frame
from flows.errors import Broken
from flows.shipped import SQL
from flows.warehouse import Connection, Warehouse, identifier

ANALYST = SQL / "analyst"
SCHEMA = "analyst"
BESIDE, MACRO = "main", "macro"  # what stands beside the tables, and what takes arguments, which stands in both
FOLDERS = {BESIDE: ANALYST, SCHEMA: ANALYST / "schema", MACRO: ANALYST / "macros"}
READ = re.compile(r"\b(?:from|join)\s+((?:\w+\.)?\w+)", re.IGNORECASE)
TABLES = {frame.name: frame for frame in (ABOUT, *RELEASED)}


@dataclass(frozen=True, slots=True)
class View:
    """One view or macro: where it stands, what it is, what its arguments and own columns mean, and its SELECT."""

    name: str
    meaning: str
    own: Mapping[str, str]
    select: str
    place: str = BESIDE
    takes: Mapping[str, str] | None = None

    @property
    def said(self) -> str:
        """Return its name as a query says it: with its schema, and of a macro its arguments."""
        if self.place == BESIDE:
            return self.name
        return f"{SCHEMA}.{self.name}" + (f"({', '.join(self.takes or {})})" if self.place == MACRO else "")


def views() -> list[View]:
    """Return the views beside the tables, those of the schema, and the macros, each by name."""
    return [
        parsed(path.stem, path.read_text(encoding="utf-8"), place)
        for place, folder in FOLDERS.items()
        for path in sorted(folder.glob("*.sql"))
    ]


def parsed(name: str, text: str, place: str = BESIDE) -> View:
    """Return a view from the text of its file; Broken where a line of its head tells of nothing, or does not end."""
    lines = text.splitlines(keepends=True)
    head = list(takewhile(lambda line: line.startswith("-- "), lines))
    if not head:
        raise Broken(f"the view {name} does not say what it is")
    meaning, *told = (line.removeprefix("-- ").rstrip() for line in head)
    if open_ended := [line for line in (meaning, *told) if not line.endswith(".")]:
        raise Broken(f"the view {name} has a line without a full stop at its head: {open_ended[0]}")
    own = {}
    for line in told:
        column, colon, said = line.partition(": ")
        if not colon or column in own:
            raise Broken(f"the view {name} tells of no column, or of one twice: {line}")
        own[column] = said
    takes = {column[1:-1]: own.pop(column) for column in list(own) if column.startswith("(")}
    if bool(takes) != (place == MACRO):
        raise Broken(f"the view {name} takes an argument, or the macro {name} none")
    return View(name, meaning, own, "".join(lines[len(head) :]), place, takes)


def create(connection: Connection, view: View, known: Mapping[str, Frame] = TABLES) -> Frame:
    """Create a view over the released tables, and return what it is with its columns as a frame without keys.

    `known`: the tables and views that it may read, by the names under which it reads them.
    """
    shown = view.said
    if view.place == MACRO:
        takes = ", ".join(identifier(name) for name in view.takes or {})
        for schema in (BESIDE, SCHEMA):
            connection.execute(f"create macro {schema}.{view.name}({takes}) as table {view.select}")
        shown = f"{SCHEMA}.{view.name}({', '.join('null' for _ in view.takes or {})})"
    else:
        connection.execute(f"create view {shown} as {view.select}")
    rows = cast("pl.DataFrame", pl.from_arrow(connection.sql(f"from {shown} limit 0").to_arrow_table()))
    return described(view, rows.schema, known)


def create_all(connection: Connection) -> Iterator[tuple[View, Frame]]:
    """Create every view and macro over the released tables, and yield each with its description."""
    connection.execute(f"create schema {SCHEMA}")
    known = dict(TABLES)
    for view in views():
        frame = create(connection, view, known)
        known[frame.name] = frame
        yield view, frame


def described(view: View, schema: Mapping[str, pl.DataType], known: Mapping[str, Frame] = TABLES) -> Frame:
    """Return a view as a frame, a macro with its arguments; Broken where a column has no meaning, or a meaning none."""
    told = {column.name: column for column in _of_tables(view, known)}
    if untold := [name for name in schema if name not in told and name not in view.own]:
        said = f"the view {view.name} has columns of no table that it reads: {', '.join(untold)}"
        raise Broken(f"{said}; it needs a line `-- {untold[0]}: <meaning>.` at its head")
    if gone := [name for name in view.own if name not in schema]:
        raise Broken(f"the view {view.name} tells of columns that it does not return: {', '.join(gone)}")
    columns = (
        Column(name, dtype, view.own[name])
        if name in view.own
        else Column(name, dtype, told[name].meaning, told[name].unit)
        for name, dtype in schema.items()
    )
    takes = (f"{name}: {meaning}" for name, meaning in (view.takes or {}).items())
    return Frame(view.said, " ".join((view.meaning, *takes)), tuple(columns))


def _of_tables(view: View, known: Mapping[str, Frame]) -> Iterator[Column]:
    """Yield the columns of the tables that a view reads, those of the table that it reads first last."""
    for name in reversed(READ.findall(view.select)):
        if frame := known.get(name.removeprefix(f"{BESIDE}.")):
            yield from frame.columns


def described_views() -> Iterator[Frame]:
    """Yield each view and macro as a frame, as it is over tables without rows."""
    with Warehouse() as warehouse:
        for frame in TABLES.values():
            warehouse.load("main", frame.name, frame.empty())
        for _, frame in create_all(warehouse.connection):
            yield frame
