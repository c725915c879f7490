"""The macros of a kind of source, asked by value: no source is read for it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flows.intake import steps as intake
from flows.references import units
from flows.shipped import SQL
from flows.sources.declare import SourceTable
from flows.warehouse import Warehouse
from tests.flows.extracts import AS_OF, references
from tests.tables import Grid


@contextmanager
def macros(work: Path, kind: str = "", tables: Sequence[SourceTable] = ()) -> Iterator[Warehouse]:
    """Yield a warehouse at a site in Berlin with the macros that sources share, and those of a kind of these tables."""
    with Warehouse(work) as opened:
        units.teach(opened)
        intake.prepare(opened, AS_OF, references())
        opened.set("time_zone", "Europe/Berlin")
        for table in tables:
            columns = ", ".join(f"{column.name} VARCHAR" for column in table.columns)
            opened.run(f"CREATE TABLE source.{table.name} ({columns})")
        for folder in [SQL / "sources", *([SQL / "sources" / kind] if kind else [])]:
            opened.macros((folder / "macros.sql").read_text(encoding="utf-8"))
        yield opened


def found(warehouse: Warehouse, expressions: Mapping[str, Any]) -> dict[str, Any]:
    """Return what each expression is."""
    return {expression: warehouse.rows(f"SELECT {expression}")[0][0] for expression in expressions}


def hold(warehouse: Warehouse, name: str, grid: Grid, **types: str) -> None:
    """Let a table hold these rows, an empty cell as null; all columns are text but those with a type."""
    columns = ", ".join(f"{column} {types.get(column, 'VARCHAR')}" for column in grid.header)
    warehouse.run(f"CREATE OR REPLACE TABLE {name} ({columns})")
    marks = ", ".join("?" for _ in grid.header)
    for given, _ in grid.rows:
        warehouse.run(f"INSERT INTO {name} VALUES ({marks})", [cell or None for cell in given.values()])
