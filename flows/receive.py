"""Receive the tables of an extract as `received.<table>`: the declared columns, and each row's number from 1.

CSV is read as text, whatever it holds, into Parquet in the work folder, so that both forms are scanned alike and
memory stays bounded. Nothing is judged here; what cannot be read as a table at all is refused.
"""

import csv
import gzip
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, cast

import duckdb

from expectations.declare import DATE, NUMBER, Column, Table
from flows.errors import Refused
from flows.extract import Part
from flows.warehouse import Warehouse

WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
FLOATS = {"FLOAT", "DOUBLE"}
DAYS = {"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"}
DAMAGE = (
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.SerializationException,
    duckdb.ConversionException,
    duckdb.NotImplementedException,
)


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
            self._create(table, {}, None)
            self._count(table, 0)
        elif parts[0].is_parquet:
            self._parquet(table, parts)
        else:
            self._csv(table, parts)

    def _parquet(self, table: Table, parts: Sequence[Part]) -> None:
        try:
            counts = [self._rows_of(part.path) for part in parts]
            source = scan([part.path for part in parts])
            described = self.warehouse.rows(f"DESCRIBE SELECT * FROM {source}")
        except DAMAGE:
            raise Refused(f"{table.name}: not readable as Parquet (truncated, or another format)") from None
        types = {str(name): str(kind) for name, kind, *_ in described}
        actual = self._match(table, list(types))
        self._note_missing(table, set(actual))
        readers = {column.name: reader(table, column, actual, types) for column in table.columns}
        self._create(table, readers, source, counts)
        self.rows |= {part.name: count for part, count in zip(parts, counts, strict=True)}
        self._count(table, sum(counts))

    def _csv(self, table: Table, parts: Sequence[Part]) -> None:
        copies, counts, bad_lines, seen = [], [], [], set()
        for place, part in enumerate(parts):
            header = header_of(table, part)
            actual = self._match(table, header)
            seen |= set(actual)
            copy = self.warehouse.work / "received" / f"{table.name}.{place}.parquet"
            count, bad = self._copy(table, part, [(name, header.index(found)) for name, found in actual.items()], copy)
            self.rows[part.name] = count + len(bad)
            copies.append(copy)
            counts.append(count)
            bad_lines += bad
        self._note_missing(table, seen)
        readers = {column.name: quoted(column.name) for column in table.columns}
        self._create(table, readers, scan(copies), counts)
        for place, line in enumerate(bad_lines, start=sum(counts) + 1):
            self.warehouse.run("INSERT INTO received.malformed VALUES (?, ?, ?)", [table.name, place, line])
        self._count(table, sum(counts) + len(bad_lines))

    def _copy(
        self, table: Table, part: Part, places: Sequence[tuple[str, int]], copy: Path
    ) -> tuple[int, list[str]]:
        """Copy a CSV into Parquet as text; return its rows and the lines that have too few or too many fields."""
        copy.parent.mkdir(exist_ok=True)
        width = len(header_of(table, part))
        names = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width))
        known = dict(places)
        columns = ", ".join(
            f"c{known[column.name]} AS {quoted(column.name)}"
            if column.name in known
            else f"CAST(NULL AS VARCHAR) AS {quoted(column.name)}"
            for column in table.columns
        )
        options = (
            f"columns = {{{names}}}, auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', "
            "store_rejects = true, rejects_table = 'bad_lines', rejects_scan = 'bad_scans'"
        )
        source = f"read_csv({literal(part.path)}, {options})"
        try:
            count = self.warehouse.number(f"COPY (SELECT {columns} FROM {source}) TO {literal(copy)} (FORMAT parquet)")
            errors = self.warehouse.rows("SELECT line, max(error_type), any_value(csv_line) FROM bad_lines GROUP BY line")
        except DAMAGE:
            raise Refused(f"{table.name}: {part.name} is not readable as CSV (truncated, or damaged)") from None
        finally:
            self.warehouse.run("DROP TABLE IF EXISTS bad_lines")
            self.warehouse.run("DROP TABLE IF EXISTS bad_scans")
        return count, [text for _, _, text in sorted(self._only_widths(table, part, errors))]

    def _only_widths(
        self, table: Table, part: Part, errors: Sequence[tuple[int, str, str]]
    ) -> Sequence[tuple[int, str, str]]:
        """Refuse a file whose lines cannot be told apart; a line of the wrong width is a bad row."""
        for line, kind, _ in errors:
            if kind == "INVALID ENCODING":
                raise Refused(not_utf8(table, part))
            if kind not in ("MISSING COLUMNS", "TOO MANY COLUMNS"):
                raise Refused(f"{table.name}: {part.name}, line {line} cannot be read ({kind.lower()})")
        return errors

    def _create(
        self, table: Table, readers: Mapping[str, str], source: str | None, counts: Sequence[int] = ()
    ) -> None:
        columns = [f"{readers.get(column.name, 'CAST(NULL AS VARCHAR)')} AS {column.name}" for column in table.columns]
        offsets = [sum(counts[:place]) for place in range(len(counts))] or [0]
        number = f"list_extract({offsets}, CAST(file_index + 1 AS BIGINT)) + CAST(file_row_number AS BIGINT) + 1"
        number = number if source else "CAST(NULL AS BIGINT)"
        origin = f"FROM {source}" if source else "WHERE FALSE"
        self.warehouse.run(
            f"CREATE VIEW received.{table.name} AS SELECT {number} AS row_number, {', '.join(columns)} {origin}"
        )

    def _count(self, table: Table, rows: int) -> None:
        self.warehouse.run("INSERT INTO received.row_counts VALUES (?, ?)", [table.name, rows])

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
        return "CAST(NULL AS VARCHAR)"
    name, kind = quoted(actual[column.name]), types[actual[column.name]]
    if kind == "VARCHAR" or (column.role == DATE and kind in DAYS):
        return name
    if column.role == NUMBER and (kind in WHOLE or kind == "DOUBLE" or kind.startswith("DECIMAL")):
        return f"CAST({name} AS DOUBLE)"
    if column.role == NUMBER and kind == "FLOAT":
        return f"CAST(CAST({name} AS VARCHAR) AS DOUBLE)"
    if kind in FLOATS or kind.startswith("DECIMAL"):
        if column.required:
            raise Refused(f"{table.name}: the column {column.name} is stored as {kind}: an id or a code is never a number")
        return f"CASE WHEN NOT isnan({name}) THEN CAST({name} AS VARCHAR) END"
    return f"CAST({name} AS VARCHAR)"


def header_of(table: Table, part: Part) -> list[str]:
    """Return the column names of a CSV; Refused where the file is empty, not UTF-8 or damaged."""
    opened = gzip.open(part.path) if part.path.name.endswith(".gz") else part.path.open("rb")
    try:
        with cast("IO[bytes]", opened) as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as lines:
            header = next(csv.reader(lines), [])
    except UnicodeDecodeError:
        raise Refused(not_utf8(table, part)) from None
    except (OSError, EOFError, csv.Error):
        raise Refused(f"{table.name}: {part.name} is not readable as CSV (truncated, or damaged)") from None
    if not any(header):
        raise Refused(f"{table.name}: {part.name} is empty; a table begins with the names of its columns")
    return header


def not_utf8(table: Table, part: Part) -> str:
    """Return the line that refuses a file in another encoding."""
    return f"{table.name}: {part.name} is not UTF-8 (Latin-1 or Windows-1252?); write the extract as UTF-8"


def scan(paths: Sequence[Path]) -> str:
    """Return the SQL that reads Parquet files in order; columns are matched by name."""
    return f"read_parquet([{', '.join(literal(path) for path in paths)}], union_by_name = true, binary_as_string = true)"


def literal(path: Path) -> str:
    """Return a path as an SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Return a column name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
