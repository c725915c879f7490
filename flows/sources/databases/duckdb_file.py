"""The tables of a source in a DuckDB file, attached read-only: nothing is copied, and nothing can be written."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.errors import Refused, Usage
from flows.intake import Part, Receiver, parts_of
from flows.sources.databases.places import choose, schemas_of
from flows.sources.declare import SourceTable
from flows.warehouse import NOT_THE_FILES, Fault, Warehouse, identifier

ATTACHED = "attached"
QUERY = "?schema="
FOUND = (
    f"SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = '{ATTACHED}' ORDER BY ALL"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A DuckDB file, and the schemas in it that are looked at; all where none is named."""

    path: Path
    schemas: tuple[str, ...] = ()

    @classmethod
    def of(cls, location: str) -> "Place":
        """Return the place; Usage where there is no such file."""
        path, _, query = location.partition(QUERY)
        if not Path(path).is_file():
            raise Usage("source omop: the location is no folder, no DuckDB file and no postgresql:// address")
        return cls(Path(path), schemas_of(query))


def receive(place: Place, receiver: Receiver, tables: Sequence[SourceTable]) -> list[Part]:
    """Receive the tables as views of the attached file, which stays attached until the warehouse is closed."""
    log = place.path.with_name(f"{place.path.name}.wal")
    parts = parts_of("database", place.path.parent, [place.path, *([log] if log.is_file() else [])])
    attach(receiver.warehouse, place.path)
    where = "source omop: the DuckDB file"
    standing = choose(receiver.warehouse.rows(FOUND), tables, place.schemas, where)
    for table in tables:
        if table.name in standing:
            schema, name = (identifier(part) for part in standing[table.name])
            take(receiver, table, f"{ATTACHED}.{schema}.{name}", where)
        else:
            receiver.lack(table)
    receiver.rows[parts[0].name] = receiver.warehouse.number("SELECT sum(rows_read) FROM source.row_counts")
    return parts


def attach(warehouse: Warehouse, path: Path) -> None:
    """Attach the file read-only; Refused where another program writes to it, or where it is none of DuckDB."""
    try:
        warehouse.run(warehouse.files.attach(path, ATTACHED))
    except NOT_THE_FILES:
        raise
    except Fault as error:
        is_held = any(word in str(error).lower() for word in ("lock", "in use"))
        why = "is held by a program that may write to it" if is_held else "is not readable as a DuckDB file"
        raise Refused(f"source omop: the DuckDB file {why}", path.name) from None


def take(receiver: Receiver, table: SourceTable, relation: str, where: str) -> None:
    """Receive one table; Refused where it is a view of something that is not there."""
    try:
        types = receiver.warehouse.types(f"FROM {relation}")
        rows = receiver.warehouse.number(f"SELECT count(*) FROM {relation}")
    except Fault:
        raise Refused(f"{where}: {table.name} cannot be read (a view of what is not there?)") from None
    receiver.take(table, types, relation, "row_number() OVER ()", rows)
