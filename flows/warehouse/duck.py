"""DuckDB in one place: open, run the relations of sql/, hand frames to polars by Arrow, close.

A relation is a file `sql/<layer>/<name>.sql` with one SELECT; layer and file name are its schema and name.
Data reach SQL as prepared parameters and variables only. What is put into SQL text are names from closed lists.
"""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import duckdb
import polars as pl
from duckdb.func import SPECIAL

from flows.errors import Broken, Refused
from flows.shipped import SQL
from flows.warehouse.files import Files

LAYERS = ("source", "received", "reference", "extract", "resolved", "candidates", "outcome", "staging")
SETTINGS: Mapping[str, str] = {
    "autoinstall_known_extensions": "false",
    "arrow_output_version": "1.4",  # string views: polars takes them over without a copy
    "python_enable_replacements": "false",
    "TimeZone": "UTC",
    "disabled_optimizers": "build_side_probe_side",  # the relations write the small side of a join on the right
}
OF_INTAKE = ("extract", "resolved", "outcome", "staging")
GIVEN_AWAY: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "storage_compatibility_version": "v1.2.0",  # the oldest DuckDB that must open what is given away
    # Left to itself DuckDB samples at random how to compress a text, and spreads its blocks by thread: so the same rows
    # would give files of another size.
    "force_compression": "dictionary",
    "threads": "1",
}
CREATE_MACRO = re.compile(r"^[ \t]*CREATE\s+MACRO\b", re.IGNORECASE | re.MULTILINE)
MEMORY_LIMIT = "1500MB"
Fault = duckdb.Error  # whatever it raises
Connection = duckdb.DuckDBPyConnection
WrongValue = duckdb.ConversionException
WRONG_SQL = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.SyntaxException)
# What DuckDB raises for a mistake of ours or a lack of room; all else that it raises is about the files.
NOT_THE_FILES = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
    duckdb.InternalException,
    duckdb.InterruptException,
    duckdb.OutOfMemoryException,
)


class Warehouse:
    """One DuckDB in memory that spills into `work`, where that is given; a context manager that leaves nothing open."""

    def __init__(self, work: Path | None = None, memory_limit: str = MEMORY_LIMIT) -> None:
        """Open an empty warehouse with a schema for each layer and the readers of sql/macros.sql."""
        self.files = Files()
        self._work = work
        spill = self.files.new(self.work / "spill") if work else ""
        self.connection = duckdb.connect(config={"memory_limit": memory_limit, "temp_directory": spill, **SETTINGS})
        for layer in LAYERS:
            self.connection.execute(f"CREATE SCHEMA {layer}")
        self.macros((SQL / "macros.sql").read_text(encoding="utf-8"))

    @property
    def work(self) -> Path:
        """Return the folder for what does not fit into memory; Broken where there is none."""
        if self._work is None:
            raise Broken("a warehouse without a folder was asked for room on the disk")
        self._work.mkdir(parents=True, exist_ok=True)
        return self._work

    def macros(self, sql: str) -> None:
        """Create macros, in place of those that have their names: a site's copy of a file stands in for it."""
        self.connection.execute(CREATE_MACRO.sub("CREATE OR REPLACE MACRO", sql))

    def function(self, name: str, python: Callable[..., object], returns: str, *takes: str) -> None:
        """Teach SQL a function of Python: slow, so it is to be asked of distinct values only."""
        self.connection.create_function(name, python, list(takes), returns, null_handling=SPECIAL)

    def copy(self, select: str, to: Path, options: str = "") -> int:
        """Write a query as one Parquet file and return the number of its rows."""
        return self.number(self.files.copy(select, to, options))

    def run(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Execute a statement."""
        self.connection.execute(sql, list(parameters))

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a small result."""
        return self.connection.execute(sql, list(parameters)).fetchall()

    def number(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Return the single whole number of a result."""
        return int(self.rows(sql, parameters)[0][0])

    def types(self, select: str) -> dict[str, str]:
        """Return the columns of a query in order, each with its type."""
        return {str(name): str(kind) for name, kind, *_ in self.rows(f"DESCRIBE {select}")}

    def frame(self, sql: str) -> pl.DataFrame:
        """Return a result as a polars frame, without a copy of its text."""
        return cast("pl.DataFrame", pl.from_arrow(self.connection.sql(sql).to_arrow_table()))

    def relation(self, layer: str, name: str) -> pl.DataFrame:
        """Return a relation of sql/ as a polars frame."""
        return self.frame(text_of(layer, name))

    def create(self, kind: str, layer: str, name: str) -> None:
        """Create a relation of sql/ as a TABLE or a VIEW in the schema of its layer."""
        self.run(f"CREATE {kind} {layer}.{name} AS {text_of(layer, name)}")

    def load(self, layer: str, name: str, frame: pl.DataFrame) -> None:
        """Store a small frame as a table."""
        self.connection.register("incoming", frame.to_arrow())
        self.run(f"CREATE TABLE {layer}.{name} AS SELECT * FROM incoming")
        self.connection.unregister("incoming")

    def set(self, name: str, value: object) -> None:
        """Set a variable that the relations read with getvariable()."""
        self.run(f"SET VARIABLE {name} = ?", [value])

    def append(self, table: str, frame: pl.DataFrame) -> None:
        """Add the rows of a small frame to a table with the same columns."""
        self.connection.register("incoming", frame.to_arrow())
        self.run(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
        self.connection.unregister("incoming")

    def close(self) -> None:
        """Close the connection; closing twice is no error."""
        self.connection.close()
        self.files.close()

    def __enter__(self) -> Self:
        """Return the open warehouse."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()


def text_of(layer: str, name: str) -> str:
    """Return the SELECT of a relation."""
    folder = SQL / "intake" / layer if layer in OF_INTAKE else SQL / layer
    return (folder / f"{name}.sql").read_text(encoding="utf-8")


@contextmanager
def new_database(path: Path, files: Files) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection to a new database file that DuckDB 1.2 and newer open, whatever stands in its path."""
    made = files.aside(path)
    with closing(duckdb.connect(str(made), config=GIVEN_AWAY)) as connection:
        yield connection
    if made != path.absolute():
        shutil.move(made, path)


@contextmanager
def refusing(line: str, names: str = "", not_utf8: str | None = None) -> Iterator[None]:
    """Refuse files that cannot be read, with our line: DuckDB's own words may quote a row."""
    try:
        yield
    except NOT_THE_FILES:
        raise
    except duckdb.Error as error:
        said = str(error).lower()
        is_encoding = "encoding" in said or "utf" in said
        raise Refused(not_utf8 if not_utf8 and is_encoding else line, names) from None


def reading(what: str) -> AbstractContextManager[None]:
    """Refuse files whose rows cannot be read to the end, of a table or of what else is named."""
    return refusing(
        f"{what}: a file is damaged: its rows cannot be read to the end",
        not_utf8=f"{what}: a file holds text that is not UTF-8; write the extract as UTF-8",
    )


def identifier(name: str) -> str:
    """Return a column name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
