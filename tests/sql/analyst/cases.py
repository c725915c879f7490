"""Reader of the case files of this folder: `<view>.txt` for each view of sql/analyst, in the folders of the views.

A file begins with the view's columns and their types. A case is a line `== what it shows`, the released tables
that go in, and a table of the view's own name with the rows that come out, in their order. What stands in the schema
`analyst` is named with it (`analyst.labs`); a macro is called as the line says: `== what it shows <- labs_of('p1')`.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tests import released
from tests.tables import TableError

FOLDER = Path(__file__).parent
TYPES: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "DATE": pl.Date(),
    "BIGINT": pl.Int64(),
    "DOUBLE": pl.Float64(),
    "BOOLEAN": pl.Boolean(),
    "VARCHAR[]": pl.List(pl.String()),
}


@dataclass(frozen=True)
class Case:
    """One case of a view: how it is asked, the tables that go in, and the rows that must come out."""

    view: str
    asked: str
    shows: str
    given: dict[str, pl.DataFrame]
    expected: list[tuple[Any, ...]]


def columns(path: Path) -> dict[str, str]:
    """Return the columns that a file declares, with their DuckDB types, in order."""
    first = path.read_text(encoding="utf-8").split("\n==", 1)[0]
    pairs = [tuple(line.rsplit(" ", 1)) for line in first.splitlines() if line]
    if not pairs or any(len(pair) != 2 or pair[1] not in TYPES for pair in pairs):
        raise TableError(f"{path.name}: a file begins with a line a column: its name and type")
    return dict(pairs)


def read(path: Path) -> list[Case]:
    """Return the cases of a file; a case without rows of the view, or a file without cases, raises."""
    schema = {name: TYPES[kind] for name, kind in columns(path).items()}
    _, *parts = re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if not parts:
        raise TableError(f"{path.name}: no case")
    return [_case(named(path), schema, *part.split("\n", 1)) for part in parts]


def named(path: Path) -> str:
    """Return the name of the view of a file, with its schema."""
    return f"analyst.{path.stem}" if path.parent.name in ("schema", "macros") else path.stem


def _case(view: str, schema: dict[str, pl.DataType], line: str, text: str) -> Case:
    shows, _, call = line.strip().partition(" <- ")
    written = released.blocks(text)
    if view not in written:
        raise TableError(f"{view}: {shows}: what comes out is not said")
    expected = released.rows(written.pop(view), schema)
    given = "".join(f"-- {name}\n{table}\n" for name, table in written.items())
    return Case(view, call or view, shows, released.frames(given), expected)
