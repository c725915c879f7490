"""The tables of a source in a live PostgreSQL database, over ADBC: Arrow all the way, streamed, in bounded memory.

All tables are read in one read-only transaction, so that they are of one moment. Only declared columns are asked,
cast by the server. What is read is a copy in Parquet, which the manifest lists and whose rows are then received.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit

import pyarrow.parquet as pq  # type: ignore[import-untyped]
from adbc_driver_manager import Error
from adbc_driver_postgresql import StatementOptions, dbapi  # type: ignore[import-untyped]
from pyarrow import ArrowException

from expectations.declare import DATE, NUMBER, WHOLE, Column
from flows.errors import Refused, Usage
from flows.intake import Part, Receiver
from flows.sources.databases.places import choose, schemas_of
from flows.sources.declare import SourceTable
from flows.warehouse import identifier

SCHEMES = ("postgresql", "postgres")
BATCH_BYTES = 4 * 2**20
NO_PERMISSION = "42501"
# One snapshot for all tables; and rows come in the order of the table, so that the same rows give the same copy.
ONE_MOMENT = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL synchronize_seqscans = off",
    "SET LOCAL max_parallel_workers_per_gather = 0",
)
FOUND = """
SELECT
    CAST(pg_namespace.nspname AS text),
    CAST(pg_class.relname AS text),
    CAST(pg_attribute.attname AS text),
    format_type(pg_attribute.atttypid, NULL)
FROM pg_catalog.pg_class
JOIN pg_catalog.pg_namespace ON pg_class.relnamespace = pg_namespace.oid
JOIN pg_catalog.pg_attribute ON pg_class.oid = pg_attribute.attrelid
WHERE pg_class.relkind IN ('r', 'v', 'm', 'p', 'f') AND pg_attribute.attnum > 0 AND NOT pg_attribute.attisdropped
    AND pg_namespace.nspname NOT IN ('pg_catalog', 'information_schema')
ORDER BY pg_namespace.nspname, pg_class.relname, pg_attribute.attnum
"""
DAYS = ("date", "timestamp without time zone", "timestamp with time zone")
WHOLES = ("smallint", "integer", "bigint")
NUMBERS = (*WHOLES, "numeric", "double precision")
Columns = dict[str, str]


def is_address(location: str) -> bool:
    """Return whether a location is the address of a PostgreSQL database."""
    return location.partition("://")[0] in SCHEMES and "://" in location


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a database without `?schema=`, the schemas that it names, and what may be said of it."""

    uri: str
    schemas: tuple[str, ...]
    shown: str

    @classmethod
    def of(cls, location: str) -> "Address":
        """Return the address; Usage where it is none."""
        try:
            parts = urlsplit(location)
            shown = _shown(parts)
        except ValueError:
            raise Usage("source omop: the address must look like postgresql://USER@HOST:PORT/DATABASE") from None
        query = dict(parse_qsl(parts.query))
        schemas = schemas_of(query.pop("schema", ""))
        rest = f"?{urlencode(query, quote_via=quote)}" if query else ""
        return cls(location.partition("?")[0] + rest, schemas, shown)


def receive(address: Address, receiver: Receiver, tables: Sequence[SourceTable]) -> list[Part]:
    """Copy the tables into Parquet, all as of one moment, and receive the copies."""
    parts: dict[str, list[Part]] = {table.name: [] for table in tables}
    receiver.copies.mkdir(parents=True, exist_ok=True)
    with _connected(address) as connection:
        described = _described(connection)
        standing = choose(described, tables, address.schemas, f"source omop: {address.shown}")
        for table in tables:
            if place := standing.get(table.name):
                with _telling(address, table.name):
                    to = receiver.copies / f"{table.name}.parquet"
                    _copy(connection, _query(place, table, described[place]), to)
                parts[table.name] = [_part(to, table.name)]
    for table in tables:
        receiver.receive(table, parts[table.name])
    return [part for found in parts.values() for part in found]


@contextmanager
def _connected(address: Address) -> Iterator[Any]:
    """Yield a connection in one read-only transaction."""
    with _telling(address), dbapi.connect(address.uri) as connection:
        with connection.cursor() as cursor:
            for statement in ONE_MOMENT:
                cursor.execute(statement)
        yield connection
        connection.rollback()


@contextmanager
def _telling(address: Address, table: str = "") -> Iterator[None]:
    """Refuse in our own words: those of the server may name the user, or quote a row."""
    try:
        yield
    except (Error, ArrowException) as error:
        state = getattr(error, "sqlstate", None) or ""
        what = f"the table {table}" if table else "the database"
        why = "is not reachable, or does not let this user in"
        if state == NO_PERMISSION:
            why = f"does not let this user read {what}"
        elif state or table:
            why = f"broke off while {what} was read"
        raise Refused(f"source omop: {address.shown} {why}") from None


def _described(connection: Any) -> dict[tuple[str, str], Columns]:
    """Return the columns of every table that may be read, each with its type."""
    tables: dict[tuple[str, str], Columns] = {}
    with connection.cursor() as cursor:
        cursor.execute(FOUND)
        for schema, table, column, kind in cursor.fetchall():
            tables.setdefault((schema, table), {})[column] = kind
    return tables


def _query(place: tuple[str, str], table: SourceTable, columns: Columns) -> str:
    roles = {column.name: column for column in table.columns}
    asked = [
        f"{_cast(identifier(name), roles[name.lower()], kind)} AS {identifier(name)}"
        for name, kind in columns.items()
        if name.lower() in roles
    ]
    return f"SELECT {', '.join(asked) or '1 AS nothing'} FROM {identifier(place[0])}.{identifier(place[1])}"


def _cast(name: str, column: Column, kind: str) -> str:
    """Return how the server hands over a column; an endless day is none, for Arrow knows no such day."""
    if column.role == DATE and kind in DAYS:
        return f"CASE WHEN isfinite({name}) THEN {name} END"
    if column.role == WHOLE and kind in WHOLES:
        return name
    if column.role == NUMBER and kind == "real":  # 3.3 as a 4-byte float is 3.2999999523 as an 8-byte one
        return f"CAST(CAST({name} AS text) AS double precision)"
    if column.role == NUMBER and kind in NUMBERS:
        return f"CAST({name} AS double precision)"
    return f"CAST({name} AS text)"


def _copy(connection: Any, query: str, to: Path) -> None:
    """Write the rows of a query batch by batch, each as a row group: no more than one is ever in memory."""
    with connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**{StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(BATCH_BYTES)})
        cursor.execute(query)
        batches = cursor.fetch_record_batch()
        with pq.ParquetWriter(to, batches.schema, compression="zstd", compression_level=1) as writer:
            for batch in batches:
                writer.write_batch(batch)


def _part(copy: Path, table: str) -> Part:
    state = copy.stat()
    return Part(copy, f"postgresql/{table}", state.st_size, state.st_mtime_ns, table)


def _shown(parts: SplitResult) -> str:
    """Return what may be said of an address: host, port and database, never who asks."""
    port = f":{parts.port}" if parts.port else ""
    return f"postgresql://{parts.hostname or ''}{port}{parts.path}"
