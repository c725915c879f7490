"""The extract folder: which files hold which table, and what they are by size and hash."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from expectations import TABLES
from flows.errors import Refused

FORMS = (".parquet", ".csv", ".csv.gz")
DESCRIPTION = "extract.json"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an extract as it was when the run began: bytes, and the time of its last change."""

    path: Path
    name: str
    size: int
    changed: int

    @property
    def is_parquet(self) -> bool:
        """Return whether the file is Parquet by its name."""
        return self.path.name.endswith(".parquet")

    def sha256(self) -> str:
        """Return the hash of the file's bytes."""
        with self.path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()

    def is_unchanged(self) -> bool:
        """Return whether the file still has the size and time that it had."""
        state = self.path.stat()
        return (state.st_size, state.st_mtime_ns) == (self.size, self.changed)


def find(extract: Path) -> dict[str, list[Part]]:
    """Return the files of each table, no files for an optional table that is missing.

    Raise Refused for a missing folder or required table, and for a table that comes in two forms.
    """
    if not extract.is_dir():
        raise Refused(f"extract: {extract} is no folder")
    found = {table.name: _parts(extract, table.name) for table in TABLES}
    for table in TABLES:
        if table.required and not found[table.name]:
            raise Refused(f"extract: the table {table.name} is missing")
    return found


def strangers(extract: Path, found: dict[str, list[Part]]) -> list[str]:
    """Return the names in the folder that belong to no table."""
    known = {DESCRIPTION} | {part.name.split("/")[0] for parts in found.values() for part in parts}
    return sorted(path.name for path in extract.iterdir() if path.name not in known and not _is_hidden(path))


def _parts(extract: Path, table: str) -> list[Part]:
    forms = [path for path in (extract / f"{table}{form}" for form in FORMS) if path.is_file()]
    folder = extract / table
    if folder.is_dir():
        forms.append(folder)
    if len(forms) > 1:
        raise Refused(f"extract: {table} comes in two forms, {forms[0].name} and {forms[1].name}")
    if forms != [folder]:
        return [_part(extract, path) for path in forms]
    parts = sorted(path for path in folder.iterdir() if path.name.endswith(FORMS) and not _is_hidden(path))
    return [_part(extract, path) for path in _of_one_form(table, parts)]


def _of_one_form(table: str, parts: Sequence[Path]) -> Sequence[Path]:
    if not parts:
        raise Refused(f"extract: the folder {table} holds no .parquet, .csv or .csv.gz file")
    if len({path.name.endswith(".parquet") for path in parts}) > 1:
        raise Refused(f"extract: the folder {table} mixes Parquet and CSV")
    return parts


def _part(extract: Path, path: Path) -> Part:
    state = path.stat()
    return Part(path, path.relative_to(extract).as_posix(), state.st_size, state.st_mtime_ns)


def _is_hidden(path: Path) -> bool:
    return path.name.startswith((".", "_"))
