"""Reader of case files of the relations of data in, and the warehouse in which a case is asked.

`tests/sql/intake/<layer>/<relation>.txt` (`<relation>.<table>.txt` where it is made for each received table) holds
cases: a line `== what it shows`, the tables that go in, named with their schema, and the `rows` that come out. A table
that the relation reads and a case does not write is empty; those of `reference` are the program's own. Columns that
are not named are null; `-- variables` sets some.

`tests/sql/sources/<kind>/<mapping>.txt` holds the cases of a mapping of a source: all tables of the source that a case
does not write are empty, their rows are numbered as they stand, and the code lists are the program's own. A bar in a
value is written ¦, here as in what comes out.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from expectations import TABLES
from flows import sources
from flows.intake import settle, steps
from flows.warehouse import Warehouse, text_of
from tests import released
from tests.flows.extracts import AS_OF, extract, references
from tests.tables import Grid, TableError, cells

INPUT = re.compile(r"\b(?:FROM|JOIN) ((?:received|extract|resolved|reference|candidates|outcome|staging|source)[.]\w+)")
NAMED = {table.name: table for table in TABLES}


@dataclass(frozen=True)
class Case:
    """One case of a relation: tables in, rows out."""

    layer: str
    relation: str
    shows: str
    given: dict[str, Grid | None]
    expected: Grid | None
    is_mapping: bool = False

    @property
    def text(self) -> str:
        """Return the relation's SELECT."""
        if self.is_mapping:
            return text_of(f"sources/{self.layer}", self.relation)
        name, _, table = self.relation.partition(".")
        return settle.filled(name, NAMED[table]) if table else text_of(self.layer, name)

    @property
    def is_ordered(self) -> bool:
        """Tell whether the relation orders its rows."""
        return "FROM final ORDER BY" in self.text


def read(path: Path) -> list[Case]:
    """Return the cases of a file; one that does not say what comes out, or a file without cases, raises."""
    before, *parts = re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if before.strip() or not parts:
        raise TableError(f"{path.name}: a file holds cases that begin with ==")
    return [_case(path, *part.split("\n", 1)) for part in parts]


def _case(path: Path, shows: str, text: str) -> Case:
    written = {name: cells(table) if table.strip() else None for name, table in released.blocks(text).items()}
    if "rows" not in written:
        raise TableError(f"{path.name}: {shows}: what comes out is not said")
    expected = written.pop("rows")
    is_mapping = path.parents[1].name == "sources"
    return Case(path.parent.name, path.stem, shows.strip(), written, expected, is_mapping)


@contextmanager
def settled(folder: Path) -> Iterator[Warehouse]:
    """Yield the warehouse of a small extract that was settled and staged: every relation stands in it."""
    with sources.receive(extract(folder / "extract"), folder / "work", AS_OF, references()) as received:
        steps.stage(steps.settle(received, AS_OF, references()))
        yield received.warehouse


def answer(warehouse: Warehouse, case: Case) -> list[tuple[str, ...]]:
    """Return the named columns of the rows that come out, as text; sorted where the relation has no order."""
    columns = [f'CAST("{name}" AS VARCHAR)' for name in case.expected.header] if case.expected else ["*"]
    with _holding(warehouse, case), _set(warehouse, case.given.get("variables")):
        found = warehouse.rows(f"SELECT {', '.join(columns)} FROM ({case.text})")
    return found if case.is_ordered else sorted(found, key=str)


def expected(case: Case) -> list[tuple[Any, ...]]:
    """Return the rows of a case as `answer` does."""
    rows = [tuple(map(_value, given.values())) for given, _ in _rows(case.expected)]
    return rows if case.is_ordered else sorted(rows, key=str)


@contextmanager
def _holding(warehouse: Warehouse, case: Case) -> Iterator[None]:
    """Let the relation's tables hold the rows of a case, and none of them after."""
    warehouse.run("BEGIN")
    try:
        for name in sorted((_read_by(warehouse, case) | set(case.given)) - {"variables"}):
            _replace(warehouse, name, case.given.get(name))
        yield
    finally:
        warehouse.run("ROLLBACK")


def _read_by(warehouse: Warehouse, case: Case) -> set[str]:
    """Return the relations that are empty where a case does not write them."""
    if case.is_mapping:
        found = warehouse.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'source'")
        return {f"source.{name}" for (name,) in found}
    return {name for name in INPUT.findall(case.text) if not name.startswith("reference.")}


@contextmanager
def _set(warehouse: Warehouse, variables: Grid | None) -> Iterator[None]:
    """Set variables in the types that they have, and back."""
    before: dict[str, Any] = {}
    try:
        for given, _ in _rows(variables):
            name = given["name"]
            [(value, kind)] = warehouse.rows(f"SELECT getvariable('{name}'), typeof(getvariable('{name}'))")
            before[name] = value
            warehouse.run(
                f"SET VARIABLE {name} = CAST(? AS {'VARCHAR' if value is None else kind})", [_value(given["value"])]
            )
        yield
    finally:
        for name, value in before.items():
            warehouse.set(name, value)


def _rows(grid: Grid | None) -> list[tuple[dict[str, str], str]]:
    return grid.rows if grid else []


def _replace(warehouse: Warehouse, name: str, grid: Grid | None) -> None:
    """Put a table with these rows, and null where nothing is said, in the place of a relation."""
    layer, relation = name.split(".", 1)
    whole = f'{layer}."{relation}"'
    types = warehouse.types(f"SELECT * FROM {whole}")
    [(kind,)] = warehouse.rows(
        "SELECT table_type FROM information_schema.tables WHERE table_schema = ? AND table_name = ?", [layer, relation]
    )
    warehouse.run(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {whole}")
    columns = ", ".join(f'"{column}" {of}' for column, of in types.items())
    warehouse.run(f"CREATE TABLE {whole} ({columns})")
    for place, (cells_of, line) in enumerate(_rows(grid), 1):
        given = ({"row_number": str(place)} if layer == "source" and "row_number" in types else {}) | cells_of
        if unknown := given.keys() - types.keys():
            raise TableError(f"{name} has no columns {sorted(unknown)}: {line!r}")
        columns = ", ".join(f'"{column}"' for column in given)
        marks = ", ".join(f"CAST(? AS {types[column]})" for column in given)
        warehouse.run(f"INSERT INTO {whole} ({columns}) VALUES ({marks})", [_value(cell) for cell in given.values()])


def _value(cell: str) -> str | None:
    is_whole = cell.startswith('"') and cell.endswith('"')
    said = (cell[1:-1] if is_whole else cell).replace("¦", "|")
    return said if is_whole else said or None
