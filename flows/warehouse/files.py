"""The SQL that makes DuckDB read and write files: a path means itself, whatever stands in it.

DuckDB takes `*`, `?` and `[` in a path for a pattern, `key=value` folders for columns, a leading `~` for a home and
`name:` for an address. So every path is made absolute, one with any sign beyond letters, digits and `._- /` is
reached by a link of a plain name, and no reader may look for columns in folders. No other module names a reader.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from flows.errors import Usage

PLAIN = "._- /"
SUFFIXES = (".parquet", ".csv", ".csv.gz")
ELSEWHERE = ("/tmp", "/var/tmp", "/dev/shm")
NOT_FOR_DATABASES = "?\\"  # DuckDB finds the log beside a database by a path of its own making


class Files:
    """Spells paths for DuckDB; a context manager that removes its links."""

    def __init__(self) -> None:
        """Begin without links: most paths need none."""
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._links: dict[Path, str] = {}

    def spelled(self, path: Path) -> str:
        """Return the text by which DuckDB finds a file that exists, and no other."""
        whole = path.absolute()
        if is_plain(str(whole)):
            return str(whole)
        if whole not in self._links:
            suffix = next((suffix for suffix in SUFFIXES if whole.name.lower().endswith(suffix)), "")
            link = self._home() / f"{len(self._links)}{suffix}"
            link.symlink_to(whole)
            self._links[whole] = str(link)
        return self._links[whole]

    def new(self, path: Path) -> str:
        """Return the text by which DuckDB makes a file or folder of a plain name of ours, in a folder that exists."""
        whole = path.absolute()
        if is_plain(str(whole)):
            return str(whole)
        if not is_plain(whole.name):
            raise ValueError("what is written is named by us, in plain letters")
        return f"{self.spelled(whole.parent)}/{whole.name}"

    def parquet(self, paths: Sequence[Path]) -> str:
        """Return the SQL that reads Parquet files in order; columns are matched by name."""
        return (
            f"read_parquet([{self._list(paths)}], union_by_name = true, binary_as_string = true, "
            "hive_partitioning = false)"
        )

    def parquet_rows(self, path: Path) -> str:
        """Return the SQL of the rows that a Parquet file says it has, and of no other file."""
        return f"(SELECT num_rows FROM parquet_file_metadata({quoted(self.spelled(path))}))"

    def csv(self, path: Path, columns: Mapping[str, str], options: str) -> str:
        """Return the SQL that reads a CSV with columns of these names and types."""
        packed = "gzip" if path.name.lower().endswith(".gz") else "none"
        return (
            f"read_csv([{self._list([path])}], columns = {_struct(columns)}, hive_partitioning = false, "
            f"compression = '{packed}', {options})"
        )

    def json(self, paths: Sequence[Path], columns: Mapping[str, str], options: str) -> str:
        """Return the SQL that reads files of JSON lines."""
        return f"read_json([{self._list(paths)}], columns = {_struct(columns)}, hive_partitioning = false, {options})"

    def copy(self, select: str, to: Path, options: str = "") -> str:
        """Return the statement that writes a query as one Parquet file of a name of ours; its result is the rows."""
        more = f", {options}" if options else ""
        return f"COPY ({select}) TO {quoted(self.new(to))} (FORMAT parquet{more})"

    def attach(self, path: Path, name: str) -> str:
        """Return the statement that attaches a DuckDB file, read-only; Usage where its log would not be found."""
        if not can_hold_a_database(path):
            raise Usage("a DuckDB file cannot be opened below a path with ?, a backslash or letters that are not UTF-8")
        return f"ATTACH {quoted(str(path.absolute()))} AS {name} (READ_ONLY, TYPE duckdb)"

    def aside(self, path: Path) -> Path:
        """Return where a database is made that is to stand at a path: there, or where DuckDB can make one."""
        return path.absolute() if can_hold_a_database(path) else self._home() / path.name

    def close(self) -> None:
        """Remove the links; closing twice is no error."""
        if self._folder is not None:
            self._folder.cleanup()
        self._folder, self._links = None, {}

    def __enter__(self) -> Self:
        """Return the speller."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove the links."""
        self.close()

    def _list(self, paths: Sequence[Path]) -> str:
        return ", ".join(quoted(self.spelled(path)) for path in paths)

    def _home(self) -> Path:
        """Return the folder of the links, which nobody else may enter, under a plain name."""
        if self._folder is None:
            places = (
                place for place in (tempfile.gettempdir(), *ELSEWHERE) if is_plain(place) and Path(place).is_dir()
            )
            place = next(places, None)
            if place is None:
                raise Usage("no temporary folder has a plain name; set TMPDIR to one")
            self._folder = tempfile.TemporaryDirectory(prefix="rechallenge.", dir=place, ignore_cleanup_errors=True)
        return Path(self._folder.name)


def is_plain(text: str) -> bool:
    """Return whether DuckDB cannot take a text for anything but a path."""
    return all(sign.isalnum() or sign in PLAIN for sign in text)


def can_hold_a_database(path: Path) -> bool:
    """Return whether DuckDB makes and finds a database and its log by this path."""
    whole = str(path.resolve())
    return not any(sign in NOT_FOR_DATABASES or "\ud800" <= sign <= "\udfff" for sign in whole)


def quoted(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _struct(columns: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{quoted(name)}: {quoted(kind)}" for name, kind in columns.items()) + "}"
