"""Receive tables as `<schema>.<table>`: the declared columns, and each row's number from 1.

The schema `received` holds the tables of the contract, `source` those of another kind of source. Nothing is judged
here. What cannot be read as a table at all is refused, in one line that names it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from expectations.declare import DATE, NUMBER, WHOLE, Column
from flows import instants
from flows.errors import Refused
from flows.extract import Part
from flows.receive_csv import CONTRACT, Dialect, copy_csv, header_of
from flows.warehouse import Warehouse, identifier, literal, quoted, refusing

WHOLES = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
FLOATS = {"FLOAT", "DOUBLE"}
DAYS = {"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"}
NOTHING = "CAST(NULL AS VARCHAR)"
RECEIVED, SOURCE = "received", "source"
TOO_LONG = "holds an id that a float cannot"


class Declared(Protocol):
    """What a receiver asks of a declared table: its name, its columns, and what is lost without it."""

    @property
    def name(self) -> str:
        """Return the name of the table."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the declared columns."""

    @property
    def without(self) -> str:
        """Return what cannot be judged where the table is missing."""


class Receiver:
    """Receives one table after another, and keeps what the report must say about them."""

    def __init__(
        self, warehouse: Warehouse, schema: str = RECEIVED, time_zone: str | None = None, *, is_mapped: bool = False
    ) -> None:
        """Prepare the counts of rows and the lines that are no rows; `time_zone` is the site's, where it is told.

        Only what is mapped has `mapped_only` columns.
        """
        self.warehouse = warehouse
        self.time_zone = time_zone
        self.schema = schema
        self.is_mapped = is_mapped
        self.copies = warehouse.work / schema
        self.notes: list[str] = []
        self.rows: dict[str, int] = {}
        self.present: set[str] = set()
        warehouse.run(f"CREATE TABLE {schema}.row_counts (table_name VARCHAR, rows_read BIGINT)")
        warehouse.run(f"CREATE TABLE {schema}.malformed (table_name VARCHAR, row_number BIGINT, line VARCHAR)")

    def receive(self, table: Declared, parts: Sequence[Part], dialect: Dialect = CONTRACT) -> None:
        """Create the table from its files; a missing optional table has no rows."""
        if not parts:
            self.lack(table)
        elif parts[0].is_parquet:
            self._parquet(table, parts)
        else:
            self._csv(table, parts, dialect)

    def lack(self, table: Declared) -> None:
        """Create a table that is missing: no rows, and a note on what is lost without it."""
        if table.without:
            self.note(f"{table.name} is missing: {table.without}")
        self._create(table, {}, "WHERE FALSE", "CAST(NULL AS BIGINT)")
        self._count(table, 0)

    def take(
        self,
        table: Declared,
        types: Mapping[str, str],
        relation: str,
        number: str,
        rows: int,
        zones: Mapping[str, str] = MappingProxyType({}),
        *,
        is_asked: bool = False,
    ) -> None:
        """Create the table from a relation of SQL with columns of these types; `number` numbers its rows.

        `zones`: the time zones of columns of instants, where they name one. `is_asked`: the text of days has been asked
        already whether it is in UTC.
        """
        actual = self._match(table, list(types))
        self._note_missing(table, set(actual))
        readers = {column.name: reader(table, column, actual, types) for column in table.columns}
        for column in table.columns:
            if column.role == DATE and column.name in actual:
                written = actual[column.name]
                readers[column.name] = instants.typed(
                    table.name, column.name, readers[column.name], types[written], zones.get(written), self.time_zone
                )
        self._create(table, readers, f"FROM {relation}", number)
        if not is_asked:
            self._require_days(table, [name for name, written in actual.items() if types[written] == "VARCHAR"])
        self.present.add(table.name)
        self._count(table, rows)

    def note(self, note: str) -> None:
        """Keep a note, once."""
        if note not in self.notes:
            self.notes.append(note)

    def _parquet(self, table: Declared, parts: Sequence[Part]) -> None:
        paths = [part.path for part in parts]
        with refusing(f"{table.name}: not readable as Parquet (truncated, or another format)"):
            counts = [self._rows_of(path) for path in paths]
            types = self.warehouse.types(f"SELECT * FROM {scan(paths)}")
            zones = instants.zones(paths)
        self.take(table, types, scan(paths), row_number(counts), sum(counts), zones)
        self.rows |= {part.name: count for part, count in zip(parts, counts, strict=True)}

    def _csv(self, table: Declared, parts: Sequence[Part], dialect: Dialect) -> None:
        copies, counts, seen, malformed = [], [], set(), 0
        for place, given in enumerate(parts):
            # The name of a file of a source may be about a person, and what is told of it here goes to the terminal.
            name = given.name if self.schema == RECEIVED else f"file {place + 1} of {len(parts)}"
            part = replace(given, name=name)
            header = header_of(table.name, part, dialect)
            actual = self._match(table, header)
            seen |= set(actual)
            columns = {column.name: actual.get(column.name) for column in table.columns}
            copy = self.copies / f"{table.name}.{place}.parquet"
            copy.parent.mkdir(exist_ok=True)
            copies.append(copy)
            lines = f"{self.schema}.malformed"
            counts.append(copy_csv(self.warehouse, lines, table.name, part, header, columns, copy, dialect))
            before, malformed = malformed, self._malformed(table)
            self.rows[given.name] = counts[-1] + malformed - before
        self._note_missing(table, seen)
        readers = {column.name: text_reader(column) for column in table.columns}
        self._create(table, readers, f"FROM {scan(copies)}", row_number(counts))
        self._require_days(table, sorted(seen))
        self.warehouse.run(
            f"UPDATE {self.schema}.malformed SET row_number = row_number + $2 WHERE table_name = $1",
            [table.name, sum(counts)],
        )
        self.present.add(table.name)
        self._count(table, sum(counts) + malformed)

    def _create(self, table: Declared, readers: Mapping[str, str], source: str, number: str) -> None:
        columns = ", ".join(
            f"{readers.get(name, NOTHING)} AS {identifier(name)}" for name in (c.name for c in table.columns)
        )
        view = f"{self.schema}.{identifier(table.name)}"
        self.warehouse.run(f"CREATE VIEW {view} AS SELECT {number} AS row_number, {columns} {source}")

    def _require_days(self, table: Declared, texts: Sequence[str]) -> None:
        """Stop where the days of a column of text are those of UTC and the site's zone is not told."""
        days = [column.name for column in table.columns if column.role == DATE and column.name in texts]
        if self.time_zone is None and days:
            instants.require_days(self.warehouse, table.name, f"{self.schema}.{identifier(table.name)}", days)

    def _count(self, table: Declared, rows: int) -> None:
        self.warehouse.run(f"INSERT INTO {self.schema}.row_counts VALUES (?, ?)", [table.name, rows])

    def _malformed(self, table: Declared) -> int:
        return self.warehouse.number(f"SELECT count(*) FROM {self.schema}.malformed WHERE table_name = ?", [table.name])

    def _rows_of(self, path: Path) -> int:
        return self.warehouse.number(f"SELECT num_rows FROM parquet_file_metadata({literal(path)})")

    def _match(self, table: Declared, header: Sequence[str]) -> dict[str, str]:
        """Return the declared columns that are there, each with its name as written; note what is kept out."""
        declared = {
            column.name: column.name.lower() for column in table.columns if self.is_mapped or not column.mapped_only
        }
        by_name: dict[str, str] = {}
        for name in header:
            plain = name.strip().lower()
            if plain in by_name and (self.schema == RECEIVED or plain in declared.values()):
                raise Refused(f"{table.name}: two columns are named {plain}")
            by_name[plain] = name
        lacking = [column.name for column in table.columns if column.required and column.name.lower() not in by_name]
        if lacking:
            only = f"; its one column is {header[0]}: another separator?" if len(header) == 1 else ""
            raise Refused(f"{table.name}: the column {', '.join(lacking)} is missing{only}")
        # A source has columns for a hundred purposes; of the contract's own tables each stray one is named.
        if self.schema == RECEIVED and (extra := sorted(set(by_name) - set(declared.values()))):
            self.note(f"{table.name}: columns that are not of the contract were kept out: {', '.join(extra)}")
        return {name: by_name[plain] for name, plain in declared.items() if plain in by_name}

    def _note_missing(self, table: Declared, found: set[str]) -> None:
        for column in table.columns:
            if column.name not in found and column.without:
                self.note(f"{table.name} has no column {column.name}: {column.without}")


def text_reader(column: Column) -> str:
    """Return the SQL that reads a column of text."""
    name = identifier(column.name)
    return f"as_whole({name})" if column.role == WHOLE else name


def reader(table: Declared, column: Column, actual: Mapping[str, str], types: Mapping[str, str]) -> str:
    """Return the SQL that reads a typed column: text, a number, a date or an instant, as its role asks."""
    if column.name not in actual:
        return NOTHING
    name, kind = identifier(actual[column.name]), types[actual[column.name]]
    is_decimal = kind.startswith("DECIMAL")
    if column.role == WHOLE:
        return f"as_whole({whole_text(name, kind)})"
    if kind == "VARCHAR" or (column.role == DATE and kind in DAYS):
        return name
    if column.role == NUMBER and (is_decimal or kind in WHOLES or kind == "DOUBLE"):
        return f"CAST({name} AS DOUBLE)"
    if column.role == NUMBER and kind == "FLOAT":
        return f"CAST(CAST({name} AS VARCHAR) AS DOUBLE)"  # 3.3 as a 4-byte float is 3.2999999523 as an 8-byte one
    if column.required and (is_decimal or kind in FLOATS):
        raise Refused(f"{table.name}: the column {column.name} is stored as {kind}; an id or a code is never a number")
    if kind in FLOATS:
        return f"CASE WHEN NOT isnan({name}) THEN CAST({name} AS VARCHAR) END"
    return f"CAST({name} AS VARCHAR)"


def whole_text(name: str, kind: str) -> str:
    """Return the SQL of a whole number as text; a float holds one exactly up to 2^53, beyond it the run must stop."""
    if kind not in FLOATS:
        return f"CAST({name} AS VARCHAR)"
    exact = f"abs({name}) <= 9007199254740992"
    broken = f"error({quoted(f'the column {name} {TOO_LONG}'.replace(chr(34), ''))})"
    whole = f"{exact} AND {name} = trunc({name}) THEN CAST(CAST({name} AS BIGINT) AS VARCHAR)"
    odd = f"{exact} THEN CAST({name} AS VARCHAR)"
    return f"CASE WHEN {name} IS NULL OR isnan({name}) THEN NULL WHEN {whole} WHEN {odd} ELSE {broken} END"


def scan(paths: Sequence[Path]) -> str:
    """Return the SQL that reads Parquet files in order; columns are matched by name."""
    files = ", ".join(literal(path) for path in paths)
    return f"read_parquet([{files}], union_by_name = true, binary_as_string = true)"


def row_number(counts: Sequence[int]) -> str:
    """Return the SQL of a row's number in its table, from the rows of each of its files."""
    offsets = [sum(counts[:place]) for place in range(len(counts))]
    return f"list_extract({offsets}, CAST(file_index + 1 AS BIGINT)) + CAST(file_row_number AS BIGINT) + 1"
