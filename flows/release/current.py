"""`HOME/current`: the link to the newest release, turned in one step, and what killed runs left behind."""

import os
import shutil
from pathlib import Path

CURRENT = "current"


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
