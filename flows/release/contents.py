"""What a release holds, and its tables as Parquet."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from audit.frames import RELEASED

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


@dataclass(frozen=True, slots=True)
class Contents:
    """What a release holds: tables by name, pages by file name, and the manifest (asked for last)."""

    tables: Mapping[str, pl.DataFrame]
    about: Mapping[str, str]
    pages: Mapping[str, str]
    manifest: Callable[[], Mapping[str, Any]]


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


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write manifest.json, keys in the order given."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False, default=str)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
