"""The release folder: written aside, made durable, then turned to in one step.

A reader of `home/current` sees the old release or the new one. Whatever dies on the way leaves at most a
hidden folder, which the next run sweeps away. The files of a release are read-only; its folder is not, so that old
releases and half-made ones can be removed.
"""

from pathlib import Path

from flows.release.contents import Contents, sizes, write_manifest, write_tables
from flows.release.current import aside, place, sync, turn
from flows.release.database import write_database

READ_ONLY = 0o444


def publish(home: Path, run_id: str, contents: Contents, *, is_replay: bool = False) -> Path:
    """Write a release and turn `home/current` to it as the last act, but to no replay; return its folder."""
    write(aside(home, run_id), contents)
    final = place(home, run_id)
    if not is_replay:
        turn(home, run_id)
    return final


def write(folder: Path, contents: Contents) -> None:
    """Write the files of a release, read-only and forced to the disk, into a folder that is not there yet."""
    folder.mkdir(parents=True)
    write_tables(folder, contents)
    write_database(folder, contents)
    for name, page in contents.pages.items():
        (folder / name).write_text(page, encoding="utf-8")
    write_manifest(folder, {**contents.manifest(), **sizes(folder, contents)})
    files = sorted(folder.rglob("*"))
    for path in files:
        path.chmod(READ_ONLY)
    for path in (*files, folder):
        sync(path)
