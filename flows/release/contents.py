"""What a release holds, and its tables as Parquet."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from audit.frames import HISTORY, RELEASED
from flows.release.declared import as_declared

SCHEMA_VERSION = 2  # of every table; a release of a newer one is refused
ADDED = {"sensitivity": 2, "implausible_limits": 2}  # the tables that came later, by the version that brought them


@dataclass(frozen=True, slots=True)
class Contents:
    """What a release holds: tables by name, pages by file name, and the manifest (asked for last)."""

    tables: Mapping[str, pl.DataFrame]
    about: Mapping[str, str]
    pages: Mapping[str, str]
    manifest: Callable[[], Mapping[str, Any]]


def write_tables(folder: Path, contents: Contents) -> None:
    """Write each table as Parquet, sorted by its keys; the same rows give the same bytes.

    Broken where a table is not as its frame declares it.
    """
    for name, table in as_declared(contents.tables, RELEASED):
        table.write_parquet(
            (folder / f"{name}.parquet").absolute(),
            # History names the runs: packed, its size would differ by their ids.
            compression="uncompressed" if name == HISTORY.name else "zstd",
            compression_level=3,
            statistics=True,
            row_group_size=250_000,
            metadata=dict(contents.about) | {"schema_version": str(SCHEMA_VERSION)},
        )


def sizes(folder: Path, contents: Contents) -> dict[str, Any]:
    """Return the bytes of every file of a release and their sum, and the rows of every table; before its manifest."""
    rows = {f"{name}.parquet": table.height for name, table in contents.tables.items()}
    files = {
        path.name: {"bytes": path.stat().st_size} | ({"rows": rows[path.name]} if path.name in rows else {})
        for path in sorted(folder.iterdir())
    }
    return {"files": files, "bytes": sum(one["bytes"] for one in files.values())}


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write manifest.json, keys in the order given."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False, default=str)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
