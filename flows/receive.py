"""Receive the tables of an extract as `received.<table>`: the declared columns, and each row's number from 1.

Nothing is judged here. What cannot be read as a table at all is refused, in one line that names it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from expectations.declare import DATE, NUMBER, Column, Table
from flows.errors import Refused
from flows.extract import Part
from flows.receive_csv import copy_csv, header_of
from flows.warehouse import Warehouse, identifier, literal, refusing

WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
FLOATS = {"FLOAT", "DOUBLE"}
DAYS = {"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"}
NOTHING = "CAST(NULL AS VARCHAR)"
COPIES = "received"


class Receiver:
    """Receives one table after another, and keeps what the report must say about them."""

    def __init__(self, warehouse: Warehouse) -> None:
        """Prepare the counts of rows and the lines that are no rows."""
        self.warehouse = warehouse
        self.notes: list[str] = []
        self.rows: dict[str, int] = {}
        warehouse.run("CREATE TABLE received.row_counts (table_name VARCHAR, rows_read BIGINT)")
        warehouse.run("CREATE TABLE received.malformed (table_name VARCHAR, row_number BIGINT, line VARCHAR)")

    def receive(self, table: Table, parts: Sequence[Part]) -> None:
        """Create `received.<table>`; a missing optional table has no rows."""
        if not parts:
            self.notes.append(f"{table.name} is missing: {table.without}")
            self._create(table, {}, "WHERE FALSE", "CAST(NULL AS BIGINT)")
            self._count(table, 0)
        elif parts[0].is_parquet:
            self._parquet(table, parts)
        else:
            self._csv(table, parts)

    def _parquet(self, table: Table, parts: Sequence[Part]) -> None:
        paths = [part.path for part in parts]
        with refusing(f"{table.name}: not readable as Parquet (truncated, or another format)"):
            counts = [self._rows_of(path) for path in paths]
            described = self.warehouse.rows(f"DESCRIBE SELECT * FROM {scan(paths)}")
        types = {str(name): str(kind) for name, kind, *_ in described}
        actual = self._match(table, list(types))
        self._note_missing(table, set(actual))
        readers = {name: reader(table, column, actual, types) for column in table.columns if (name := column.name)}
        self._create(table, readers, f"FROM {scan(paths)}", row_number(counts))
        self.rows |= {part.name: count for part, count in zip(parts, counts, strict=True)}
        self._count(table, sum(counts))

    def _csv(self, table: Table, parts: Sequence[Part]) -> None:
        copies, counts, seen, malformed = [], [], set(), 0
        for place, part in enumerate(parts):
            header = header_of(table, part)
            actual = self._match(table, header)
            seen |= set(actual)
            copy = self.warehouse.work / COPIES / f"{table.name}.{place}.parquet"
            copy.parent.mkdir(exist_ok=True)
            copies.append(copy)
            counts.append(copy_csv(self.warehouse, table, part, header, actual, copy))
            before, malformed = malformed, self._malformed(table)
            self.rows[part.name] = counts[-1] + malformed - before
        self._note_missing(table, seen)
        readers = {column.name: identifier(column.name) for column in table.columns}
        self._create(table, readers, f"FROM {scan(copies)}", row_number(counts))
        self.warehouse.run(
            "UPDATE received.malformed SET row_number = row_number + $2 WHERE table_name = $1",
            [table.name, sum(counts)],
        )
        self._count(table, sum(counts) + malformed)

    def _create(self, table: Table, readers: Mapping[str, str], source: str, number: str) -> None:
        columns = ", ".join(f"{readers.get(name, NOTHING)} AS {name}" for name in (c.name for c in table.columns))
        self.warehouse.run(f"CREATE VIEW received.{table.name} AS SELECT {number} AS row_number, {columns} {source}")

    def _count(self, table: Table, rows: int) -> None:
        self.warehouse.run("INSERT INTO received.row_counts VALUES (?, ?)", [table.name, rows])

    def _malformed(self, table: Table) -> int:
        return self.warehouse.number("SELECT count(*) FROM received.malformed WHERE table_name = ?", [table.name])

    def _rows_of(self, path: Path) -> int:
        return self.warehouse.number(f"SELECT num_rows FROM parquet_file_metadata({literal(path)})")

    def _match(self, table: Table, header: Sequence[str]) -> dict[str, str]:
        """Return the declared columns that are there, each with its name as written; note what is kept out."""
        by_name: dict[str, str] = {}
        for name in header:
            if (plain := name.strip().lower()) in by_name:
                raise Refused(f"{table.name}: two columns are named {plain}")
            by_name[plain] = name
        declared = [column.name for column in table.columns]
        lacking = [column.name for column in table.columns if column.required and column.name not in by_name]
        if lacking:
            raise Refused(f"{table.name}: the column {', '.join(lacking)} is missing")
        if extra := sorted(set(by_name) - set(declared)):
            self._note(f"{table.name}: columns that are not of the contract were kept out: {', '.join(extra)}")
        return {name: by_name[name] for name in declared if name in by_name}

    def _note_missing(self, table: Table, found: set[str]) -> None:
        for column in table.columns:
            if column.name not in found and column.without:
                self._note(f"{table.name} has no column {column.name}: {column.without}")

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)


def reader(table: Table, column: Column, actual: Mapping[str, str], types: Mapping[str, str]) -> str:
    """Return the SQL that reads a Parquet column: text, a number, a date or an instant, as its role asks."""
    if column.name not in actual:
        return NOTHING
    name, kind = identifier(actual[column.name]), types[actual[column.name]]
    is_decimal = kind.startswith("DECIMAL")
    if kind == "VARCHAR" or (column.role == DATE and kind in DAYS):
        return name
    if column.role == NUMBER and (is_decimal or kind in WHOLE or kind == "DOUBLE"):
        return f"CAST({name} AS DOUBLE)"
    if column.role == NUMBER and kind == "FLOAT":
        return f"CAST(CAST({name} AS VARCHAR) AS DOUBLE)"  # 3.3 as a 4-byte float is 3.2999999523 as an 8-byte one
    if column.required and (is_decimal or kind in FLOATS):
        raise Refused(f"{table.name}: the column {column.name} is stored as {kind}; an id or a code is never a number")
    if kind in FLOATS:
        return f"CASE WHEN NOT isnan({name}) THEN CAST({name} AS VARCHAR) END"
    return f"CAST({name} AS VARCHAR)"


def scan(paths: Sequence[Path]) -> str:
    """Return the SQL that reads Parquet files in order; columns are matched by name."""
    files = ", ".join(literal(path) for path in paths)
    return f"read_parquet([{files}], union_by_name = true, binary_as_string = true)"


def row_number(counts: Sequence[int]) -> str:
    """Return the SQL of a row's number in its table, from the rows of each of its files."""
    offsets = [sum(counts[:place]) for place in range(len(counts))]
    return f"list_extract({offsets}, CAST(file_index + 1 AS BIGINT)) + CAST(file_row_number AS BIGINT) + 1"
