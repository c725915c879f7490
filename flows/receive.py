"""Receive tables as `<schema>.<table>`: the declared columns, and each row's number from 1.

The schema `received` holds the tables of the contract, `source` those of another kind of source. Nothing is judged
here. What cannot be read as a table at all is refused, in one line that names it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import polars as pl
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from pyarrow import ArrowException

from expectations.declare import DATE, NUMBER, WHOLE, Column
from flows import instants
from flows.errors import Refused
from flows.extract import Part
from flows.files import quoted
from flows.receive_csv import CONTRACT, Dialect, copy_csv, header_of
from flows.warehouse import Warehouse, identifier, reading, refusing

WHOLES = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
FLOATS = {"FLOAT", "DOUBLE"}
DAYS = {"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"}
NOTHING = "CAST(NULL AS VARCHAR)"
RECEIVED, SOURCE = "received", "source"
ROW_NUMBER = "row_number"
# Columns that DuckDB's reader adds to a Parquet file where they are asked for; a file's own of these names hide them.
VIRTUAL = {"filename", "file_index", "file_row_number"}
INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
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
        self.names: list[str] = []
        self.rows: dict[str, int] = {}
        self.present: set[str] = set()
        warehouse.run(f"CREATE TABLE {schema}.row_counts (table_name VARCHAR, rows_read BIGINT)")
        warehouse.run(
            f"CREATE TABLE {schema}.malformed (table_name VARCHAR, row_number BIGINT, line VARCHAR, detail VARCHAR)"
        )

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
        actual: Mapping[str, str] | None = None,
        is_asked: bool = False,
    ) -> None:
        """Create the table from a relation of SQL with columns of these types; `number` numbers its rows.

        `zones`: the time zones of columns of instants, where they name one. `actual` says which column is which
        declared one, where they are not known by their names. `is_asked`: the text of days has been asked already
        whether it is in UTC.
        """
        actual = self._match(table, list(types)) if actual is None else actual
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

    def name(self, names: str) -> None:
        """Keep words of the input that no note holds, for a person at a terminal alone."""
        if names not in self.names:
            self.names.append(names)

    def _parquet(self, table: Declared, parts: Sequence[Part]) -> None:
        paths = [part.path for part in parts]
        counts = []
        for part in parts:
            with refusing(f"{part.label}: not readable as Parquet (truncated, or another format)", part.name):
                counts.append(self._rows_of(part.path))
                self._refuse_twice(table, column_names(part.path))
        whole = self.warehouse.files.parquet(paths)
        with refusing(f"{table.name}: not readable as Parquet (files whose columns do not go together)"):
            types = self.warehouse.types(f"SELECT * FROM {whole}")
            zones = instants.zones(paths)
        self.rows |= {part.name: count for part, count in zip(parts, counts, strict=True)}
        if VIRTUAL & {name.lower() for name in types}:
            self._parquet_copy(table, types, whole, zones)
        else:
            self.take(table, types, whole, row_number(counts), sum(counts), zones)

    def _parquet_copy(self, table: Declared, types: Mapping[str, str], whole: str, zones: Mapping[str, str]) -> None:
        """Receive the declared columns of files that have columns named as DuckDB's own, under names of ours."""
        actual = self._match(table, list(types))
        ours = {written: f"c{place}" for place, written in enumerate(actual.values())}
        copy = self.copies / f"{table.name}.renamed.parquet"
        copy.parent.mkdir(exist_ok=True)
        selected = ", ".join(f"{identifier(written)} AS {name}" for written, name in ours.items())
        with reading(table.name):
            rows = self.warehouse.copy(f"SELECT {selected} FROM {whole}", copy)
        renamed = {name: types[written] for written, name in ours.items()}
        by_name = {name: ours[written] for name, written in actual.items()}
        theirs = {ours[written]: zone for written, zone in zones.items() if written in ours}
        made = self.warehouse.files.parquet([copy])
        self.take(table, renamed, made, row_number([rows]), rows, theirs, actual=by_name)

    def _csv(self, table: Declared, parts: Sequence[Part], dialect: Dialect) -> None:
        copies, counts, seen, malformed = [], [], set(), 0
        for place, part in enumerate(parts):
            header = header_of(part, dialect)
            actual = self._match(table, header)
            seen |= set(actual)
            columns = {column.name: actual.get(column.name) for column in table.columns}
            copy = self.copies / f"{table.name}.{place}.parquet"
            copy.parent.mkdir(exist_ok=True)
            copies.append(copy)
            counts.append(copy_csv(self.warehouse, part, header, columns, copy, self._keep, dialect))
            before, malformed = malformed, self._malformed(table)
            self.rows[part.name] = counts[-1] + malformed - before
        self._note_missing(table, seen)
        readers = {column.name: text_reader(column) for column in table.columns}
        self._create(table, readers, f"FROM {self.warehouse.files.parquet(copies)}", row_number(counts))
        self._require_days(table, sorted(seen))
        self.warehouse.run(
            f"UPDATE {self.schema}.malformed SET row_number = row_number + $2 WHERE table_name = $1",
            [table.name, sum(counts)],
        )
        self.present.add(table.name)
        self._count(table, sum(counts) + malformed)

    def _keep(self, broken: pl.DataFrame) -> None:
        """Keep lines that are no rows, numbered from 1 within their table."""
        lines = f"{self.schema}.malformed"
        counted = f"SELECT count(*) FROM {lines} WHERE table_name = ?"
        before = self.warehouse.number(counted, [broken["table_name"][0]])
        numbers = pl.int_range(before + 1, before + 1 + pl.len(), dtype=pl.Int64)
        self.warehouse.append(lines, broken.with_columns(row_number=numbers))

    def _create(self, table: Declared, readers: Mapping[str, str], source: str, number: str) -> None:
        columns = ", ".join(
            f"{readers.get(name, NOTHING)} AS {identifier(name)}" for name in (c.name for c in table.columns)
        )
        view = f"{self.schema}.{identifier(table.name)}"
        # A site's own table may have a column of this name, which then is the one that is meant.
        is_theirs = any(column.name.lower() == ROW_NUMBER for column in table.columns)
        numbered = "" if is_theirs else f"{number} AS {ROW_NUMBER}, "
        self.warehouse.run(f"CREATE VIEW {view} AS SELECT {numbered}{columns} {source}")

    def _require_days(self, table: Declared, texts: Sequence[str]) -> None:
        """Stop where the days of a column of text are those of UTC and the site's zone is not told."""
        days = [column.name for column in table.columns if column.role == DATE and column.name in texts]
        if self.time_zone is None and days:
            relation = f"{self.schema}.{identifier(table.name)}"
            with reading(table.name):
                believed = instants.require_days(self.warehouse, table.name, relation, days)
            for name in believed:
                self.note(
                    f"{table.name}: the times of {name} state the offset +00:00 and no time zone is told: their days"
                    " count as written; a site where clocks differ must tell time_zone"
                )

    def _count(self, table: Declared, rows: int) -> None:
        self.warehouse.run(f"INSERT INTO {self.schema}.row_counts VALUES (?, ?)", [table.name, rows])

    def _malformed(self, table: Declared) -> int:
        return self.warehouse.number(f"SELECT count(*) FROM {self.schema}.malformed WHERE table_name = ?", [table.name])

    def _rows_of(self, path: Path) -> int:
        return self.warehouse.number(self.warehouse.files.parquet_rows(path))

    def _match(self, table: Declared, header: Sequence[str]) -> dict[str, str]:
        """Return the declared columns that are there, each with its name as written; note what is kept out."""
        declared = {
            column.name: plain_name(column.name) for column in table.columns if self.is_mapped or not column.mapped_only
        }
        self._refuse_twice(table, header)
        by_name = {plain_name(name): name for name in header}
        lacking = [name for name, plain in declared.items() if plain not in by_name and self._needs(table, name)]
        if lacking:
            only = "; its header is one column: another separator?" if len(header) == 1 else ""
            raise Refused(f"{table.name}: the column {', '.join(lacking)} is missing{only}", ", ".join(header))
        # A source has columns for a hundred purposes; of the contract's own tables the strange ones are counted.
        if self.schema == RECEIVED and (
            extra := [name for name in header if plain_name(name) not in declared.values()]
        ):
            what, verb = ("column", "was") if len(extra) == 1 else ("columns", "were")
            self.note(f"{table.name}: {len(extra):,} {what} not of the contract {verb} kept out")
            self.name(f"{table.name}: kept out {', '.join(sorted(extra))}")
        return {name: by_name[plain] for name, plain in declared.items() if plain in by_name}

    def _needs(self, table: Declared, name: str) -> bool:
        return any(column.required for column in table.columns if column.name == name)

    def _refuse_twice(self, table: Declared, header: Sequence[str]) -> None:
        """Refuse a declared column that comes twice: nobody can tell which of the two is meant."""
        names = [plain_name(name) for name in header]
        for column in table.columns:
            if names.count(plain_name(column.name)) > 1:
                raise Refused(f"{table.name}: two columns are named {column.name}")

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
    if column.role == DATE and kind == instants.NANO_INSTANT:
        return f"CAST({name} AS {instants.INSTANT})"
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


def plain_name(name: str) -> str:
    """Return a column's name without blanks and unseen signs round it, in small letters."""
    return name.strip().strip(INVISIBLE).strip().lower()


def column_names(path: Path) -> list[str]:
    """Return the names of a Parquet file's columns as they are written; DuckDB renames one that comes twice."""
    try:
        with path.open("rb") as content:
            return list(pq.read_schema(content).names)
    except (OSError, ArrowException):
        return []  # a file that only DuckDB can read, or nobody


def row_number(counts: Sequence[int]) -> str:
    """Return the SQL of a row's number in its table, from the rows of each of its files."""
    offsets = [sum(counts[:place]) for place in range(len(counts))]
    return f"list_extract({offsets}, CAST(file_index + 1 AS BIGINT)) + CAST(file_row_number AS BIGINT) + 1"
