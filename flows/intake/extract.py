"""The extract folder: which files hold which table, and what they are by size and hash."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

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
    table: str = ""
    place: int = 1
    of: int = 1

    @property
    def label(self) -> str:
        """Return what may be said of the file: its table and its place there by name; a name may be a person's."""
        return self.table if self.of == 1 else f"{self.table}, file {self.place} of {self.of}"

    @property
    def is_parquet(self) -> bool:
        """Return whether the file is Parquet by its name."""
        return self.path.name.lower().endswith(".parquet")

    def sha256(self) -> str:
        """Return the hash of the file's bytes."""
        with self.path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()

    def is_unchanged(self) -> bool:
        """Return whether the file still has the size and time that it had."""
        state = self.path.stat()
        return (state.st_size, state.st_mtime_ns) == (self.size, self.changed)


class Wanted(Protocol):
    """What is asked of a table that a folder may hold."""

    @property
    def name(self) -> str:
        """Return the name of the table."""

    @property
    def required(self) -> bool:
        """Return whether the folder must hold it."""


def find(extract: Path, tables: Sequence[Wanted] = TABLES, *, any_case: bool = False) -> dict[str, list[Part]]:
    """Return the files of each table, no files for an optional table that is missing.

    Raise Refused for a missing folder or required table, and for a table that comes in two forms.
    """
    if not extract.is_dir():
        raise Refused("extract: the location is no folder", names=str(extract))
    named: dict[str, list[Path]] = {}
    for path in sorted(extract.iterdir()):
        named.setdefault(path.name.lower() if any_case else path.name, []).append(path)
    found = {table.name: _parts(extract, named, table.name) for table in tables}
    for table in tables:
        if table.required and not found[table.name]:
            raise Refused(f"extract: the table {table.name} is missing")
    return found


def strangers(extract: Path, found: Mapping[str, Sequence[Part]]) -> list[str]:
    """Return the names in the folder that belong to no table."""
    known = {DESCRIPTION} | {part.name.split("/")[0] for parts in found.values() for part in parts}
    return sorted(path.name for path in extract.iterdir() if path.name not in known and not _is_hidden(path))


def _parts(extract: Path, named: Mapping[str, Sequence[Path]], table: str) -> list[Part]:
    forms = [path for form in FORMS for path in named.get(f"{table}{form}", ()) if path.is_file()]
    folders = [path for path in named.get(table, ()) if path.is_dir()]
    if len(forms + folders) > 1:
        first, second, *_ = forms + folders
        raise Refused(f"extract: {table} comes in two forms", names=f"{first.name}, {second.name}")
    if not folders:
        return parts_of(table, extract, forms)
    [folder] = folders
    parts = sorted(path for path in folder.iterdir() if path.name.endswith(FORMS) and not _is_hidden(path))
    return parts_of(table, extract, _of_one_form(table, parts))


def _of_one_form(table: str, parts: Sequence[Path]) -> Sequence[Path]:
    if not parts:
        raise Refused(f"extract: the folder {table} holds no .parquet, .csv or .csv.gz file")
    if len({path.name.endswith(".parquet") for path in parts}) > 1:
        raise Refused(f"extract: the folder {table} mixes Parquet and CSV")
    return parts


def parts_of(table: str, extract: Path, paths: Sequence[Path]) -> list[Part]:
    """Return the files of a table below a folder as parts, as they are now, each with its place among them."""
    return [_part(extract, path, table, place, len(paths)) for place, path in enumerate(paths, start=1)]


def _part(extract: Path, path: Path, table: str, place: int, of: int) -> Part:
    state = path.stat()
    return Part(path, path.relative_to(extract).as_posix(), state.st_size, state.st_mtime_ns, table, place, of)


def _is_hidden(path: Path) -> bool:
    return path.name.startswith((".", "_"))
