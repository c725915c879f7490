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


def aside(home: Path, name: str) -> Path:
    """Return where a release stands while it is written or removed; whatever dies there, the next run sweeps away."""
    return home / "releases" / f".{name}.partial"


def place(home: Path, name: str) -> Path:
    """Put a release that was written aside in its place, and return its folder."""
    folder = home / "releases" / name
    aside(home, name).rename(folder)
    sync(folder.parent)
    return folder


def remove(home: Path, name: str) -> None:
    """Remove a release; who has its files open reads on."""
    gone = aside(home, name)
    (home / "releases" / name).rename(gone)
    shutil.rmtree(gone)
    sync(gone.parent)


def turn(home: Path, run_id: str) -> None:
    """Point `home/current` at a release in one step."""
    link = home / f".{CURRENT}.{run_id}"
    link.symlink_to(Path("releases") / run_id)
    link.replace(home / CURRENT)
    sync(home)


def sweep(home: Path) -> None:
    """Remove what killed runs left behind; call it under the lock."""
    for pattern in ("releases/.*.partial", f".{CURRENT}.*", ".work.*"):
        for path in home.glob(pattern):
            if path.is_symlink() or path.is_file():
                path.unlink()
            else:
                shutil.rmtree(path)
