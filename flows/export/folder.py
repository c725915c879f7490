"""The folder of an export: made whole or not at all, the same bytes for the same export, for its owner alone."""

import hashlib
import io
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from flows.errors import Usage

MANIFEST = "manifest.json"
OWNER_ONLY = 0o600
OWNERS_FOLDER = 0o700
SHORT = 16  # digits of the hash by which a manifest names its release


def named(run_id: str) -> str:
    """Return what names a release to those who hold it, and tells others nothing: its id holds days."""
    return hashlib.sha256(run_id.encode()).hexdigest()[:SHORT]


def as_json(said: object) -> bytes:
    """Return what is said as JSON, keys in the order given."""
    return (json.dumps(said, indent=2, ensure_ascii=False) + "\n").encode()


def as_csv(table: pl.DataFrame) -> bytes:
    """Return a table as CSV: null is empty, and an empty text is quoted."""
    return table.write_csv(quote_style="necessary", null_value="").encode()


def as_parquet(table: pl.DataFrame) -> bytes:
    """Return a table as Parquet that says nothing of where it was made."""
    out = io.BytesIO()
    table.write_parquet(out, compression="zstd", statistics=False)
    return out.getvalue()


def table_of(name: str, data: bytes) -> pl.DataFrame:
    """Return a table of an export, of CSV all as text: from its bytes, so that no path is read."""
    if name.endswith(".csv"):
        return pl.read_csv(io.BytesIO(data), infer_schema=False, glob=False)
    return pl.read_parquet(io.BytesIO(data), glob=False)


def with_manifest(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files with their manifest, which holds the size and the hash of each other one."""
    listed = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in sorted(files.items())
    }
    return {**files, MANIFEST: as_json({**manifest, "files": listed})}


def require_free(out: Path) -> None:
    """Raise Usage where the folder is there already: an export never lies among other files."""
    if out.exists() or out.is_symlink():
        raise Usage("the output folder exists already: name one that does not")
    if not out.absolute().parent.is_dir():
        raise Usage("the output folder's own folder does not exist")


def write(out: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of an export into a new folder, in one step."""
    require_free(out)
    out = out.absolute()
    aside = out.with_name(f".{out.name}.partial")
    if aside.exists():
        shutil.rmtree(aside)
    try:
        aside.mkdir(mode=OWNERS_FOLDER)
        for name, data in files.items():
            (aside / name).parent.mkdir(mode=OWNERS_FOLDER, parents=True, exist_ok=True)
            handle = os.open(aside / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
            with os.fdopen(handle, "wb") as opened:
                opened.write(data)
                opened.flush()
                os.fsync(opened.fileno())
        aside.rename(out)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def read(folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the manifest of an export and its files; Usage where the folder is none, or is not as it was made."""
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        listed = {name: told["sha256"] for name, told in said["files"].items()}
        held = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
        # Names are looked up among what the folder holds: one that leads elsewhere is none of its files.
        files = {name: (folder / name).read_bytes() for name in sorted(held.intersection(listed))}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise Usage("no export: its manifest, or a file that it names, cannot be read") from None
    if not held.issuperset(listed):
        raise Usage("no export: its manifest names a file that is not in the folder")
    if any(hashlib.sha256(data).hexdigest() != listed[name] for name, data in files.items()):
        raise Usage("a file of this export is not as it was made: its hash differs")
    return said, files
