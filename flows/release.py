"""The release folder: written aside, made durable, then turned to in one step.

A reader of `home/current` sees the old release or the new one. Whatever dies on the way leaves at most a
hidden folder, which the next run sweeps away.
"""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from audit.frames import RELEASED, Frame
from flows.files import Files, quoted

ANALYST = Path(__file__).parent.parent / "sql" / "analyst"
CURRENT = "current"
DATABASE = "audit.duckdb"
# Beside the tables of audit.frames: the account of the intake, one line of meaning each.
ACCOUNT = {
    "conservation": "one row a received table: rows read, and how many of them went where",
    "source_rows": "one row a table of another kind of source, table made of it, disposition and reason, with its rows",
    "unlisted": "one row a received table, vocabulary and code that is on no code list, with its rows",
    "matched": "one row a received table, vocabulary, code and concept that was found otherwise than by a listed code,"
    " or nearly (near_miss, with the words that stood in the way)",
    "unknown_doses": "one row an exposure whose dose counts as unknown, with the reason: below_minimum, above_maximum,"
    " contradicting_dose (two tellings that differ), unread_text (a dosage text that is not read),"
    " ambiguous_orders (records that may be one order written twice)",
    "unread_texts": "one row a dosage text of the audited drug that is not read, with its rows and patients",
    "row_notes": "one row a received row that was read with help, and what was done to it",
    "expectations": "one row a check of a received table: what it asks, what it does, how many rows failed",
}
OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


@dataclass(frozen=True, slots=True)
class Contents:
    """What a release holds: tables by name, pages by file name, and the manifest (asked for last)."""

    tables: Mapping[str, pl.DataFrame]
    about: Mapping[str, str]
    pages: Mapping[str, str]
    manifest: Callable[[], Mapping[str, Any]]


def publish(home: Path, run_id: str, contents: Contents) -> Path:
    """Write a release and turn `home/current` to it as the last act; return its folder."""
    partial = home / "releases" / f".{run_id}.partial"
    partial.mkdir(parents=True)
    write_tables(partial, contents)
    write_database(partial, contents)
    for name, page in contents.pages.items():
        (partial / name).write_text(page, encoding="utf-8")
    write_manifest(partial, contents.manifest())
    for path in (*partial.rglob("*"), partial):
        sync(path)
    final = home / "releases" / run_id
    partial.rename(final)
    sync(final.parent)
    turn(home, run_id)
    return final


def write_tables(folder: Path, contents: Contents) -> None:
    """Write each table as Parquet, sorted by its keys; the same rows give the same bytes."""
    keys = {frame.name: frame.keys for frame in RELEASED}
    for name, table in contents.tables.items():
        ordered = table.sort(keys[name], nulls_last=True, maintain_order=True) if name in keys else table
        ordered.write_parquet(
            (folder / f"{name}.parquet").absolute(),
            compression="zstd",
            compression_level=3,
            statistics=True,
            row_group_size=250_000,
            metadata=dict(contents.about),
        )


def write_database(folder: Path, contents: Contents) -> None:
    """Write audit.duckdb: every table with its meaning, `about`, and the analysts' views."""
    with Files() as files:
        made = files.aside(folder / DATABASE)
        _fill(made, folder, contents, files)
        if made != (folder / DATABASE).absolute():
            shutil.move(made, folder / DATABASE)


def _fill(made: Path, folder: Path, contents: Contents, files: Files) -> None:
    with closing(duckdb.connect(str(made), config=OFFLINE)) as connection:
        connection.execute("create table about (name varchar primary key, value varchar not null)")
        connection.executemany("insert into about values (?, ?)", [list(item) for item in contents.about.items()])
        for name in contents.tables:
            connection.execute(f"create table {name} as from {files.parquet([folder / f'{name}.parquet'])}")
        for frame in RELEASED:
            comment(connection, frame)
        for name in ACCOUNT.keys() & contents.tables.keys():
            connection.execute(f"comment on table {name} is {quoted(ACCOUNT[name])}")
        for path in sorted(ANALYST.glob("*.sql")):
            meaning, _, select = path.read_text(encoding="utf-8").partition("\n")
            connection.execute(f"create view {path.stem} as {select}")
            connection.execute(f"comment on view {path.stem} is {quoted(meaning.removeprefix('-- '))}")


def comment(connection: duckdb.DuckDBPyConnection, frame: Frame) -> None:
    """Put the declared meaning on a table and its columns."""
    connection.execute(f"comment on table {frame.name} is {quoted(frame.grain)}")
    for column in frame.columns:
        unit = f" Unit: {column.unit}." if column.unit else ""
        connection.execute(f'comment on column {frame.name}."{column.name}" is {quoted(column.meaning + unit)}')


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write manifest.json, keys in the order given."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False, default=str)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def sync(path: Path) -> None:
    """Force a file, or the entries of a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def turn(home: Path, run_id: str) -> None:
    """Point `home/current` at a release in one step."""
    aside = home / f".{CURRENT}.{run_id}"
    aside.symlink_to(Path("releases") / run_id)
    aside.replace(home / CURRENT)
    sync(home)


def sweep(home: Path) -> None:
    """Remove what killed runs left behind; call it under the lock."""
    for pattern in ("releases/.*.partial", f".{CURRENT}.*", ".work.*"):
        for path in home.glob(pattern):
            if path.is_symlink() or path.is_file():
                path.unlink()
            else:
                shutil.rmtree(path)
