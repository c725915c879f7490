"""Reader of a release written as text tables: the frames that it holds, its database, and the rows expected of it.

A text holds blocks: a line `-- name`, a header, one row a line. Columns that a block does not name are null,
in what goes in as in what must come out; an empty cell is null, a text in quotes is whole (`""`), `[a, b]` a list.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from audit.frames import RELEASED
from flows.release.contents import Contents, write_tables
from flows.release.database import DATABASE, write_database
from tests.tables import TableError, cells

ABOUT = {"as_of": "2024-01-31", "audited_drug": "azathioprine", "renewal_overlap_days": "14"}
TRUTH = {"true": True, "false": False}
READERS: Mapping[pl.DataType, Callable[[str], Any]] = {
    pl.String(): lambda cell: cell[1:-1] if cell.startswith('"') and cell.endswith('"') else cell,
    pl.Date(): date.fromisoformat,
    pl.Int64(): int,
    pl.Float64(): float,
    pl.Boolean(): TRUTH.__getitem__,
    pl.List(pl.String()): lambda cell: [one.strip() for one in cell.strip("[]").split(",") if one.strip()],
}


def blocks(text: str) -> dict[str, str]:
    """Return the tables of a text by name, in order."""
    before, *rest = re.split(r"^ *-- ([\w.]+)[ \t]*$", text, flags=re.MULTILINE)
    if before.strip():
        raise TableError(f"text before the first table: {before!r}")
    names = rest[::2]
    if len(set(names)) != len(names):
        raise TableError(f"a table is written once: {names}")
    return dict(zip(names, rest[1::2], strict=True))


def rows(text: str, schema: Mapping[str, pl.DataType]) -> list[tuple[Any, ...]]:
    """Return the rows of a table whole, in the types of its schema; without a line there is none."""
    if not text.strip():
        return []
    grid = cells(text)
    if unknown := [name for name in grid.header if name not in schema]:
        raise TableError(f"columns of no such table: {unknown}")
    return [
        tuple(_value(given.get(name, ""), kind, line) for name, kind in schema.items()) for given, line in grid.rows
    ]


def _value(cell: str, kind: pl.DataType, line: str) -> Any:
    if not cell:
        return None
    try:
        return READERS[kind](cell)
    except (ValueError, KeyError):
        raise TableError(f"{cell!r} is no {kind}: {line!r}") from None


def frames(text: str) -> dict[str, pl.DataFrame]:
    """Return every released frame in its declared types; those that the text does not write are empty."""
    written = blocks(text)
    if unknown := written.keys() - {frame.name for frame in RELEASED}:
        raise TableError(f"not released: {sorted(unknown)}")
    return {
        frame.name: pl.DataFrame(rows(written.get(frame.name, ""), frame.schema), schema=frame.schema, orient="row")
        for frame in RELEASED
    }


def write(folder: Path, tables: Mapping[str, pl.DataFrame]) -> Path:
    """Write tables and database of a release as the program writes them, and return the database."""
    contents = Contents(tables=tables, about=ABOUT, pages={}, manifest=dict)
    write_tables(folder, contents)
    write_database(folder, contents)
    return folder / DATABASE


@contextmanager
def database(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield the database of a release without a row."""
    with closing(duckdb.connect(str(write(folder, frames(""))))) as connection:
        yield connection


@contextmanager
def holding(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pl.DataFrame]) -> Iterator[None]:
    """Let the database hold these rows, in their order, and none of them after."""
    connection.begin()
    try:
        for name, table in tables.items():
            if table.height:
                connection.register("incoming", table.to_arrow())
                connection.execute(f"insert into {name} by name select * from incoming")
                connection.unregister("incoming")
        yield
    finally:
        connection.rollback()
