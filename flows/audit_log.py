"""`HOME/audit.log`: what was done to a home beside its nightly runs, one line of JSON each, append-only.

It keeps that something happened and how much of it, never to whom.
"""

import getpass
import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

LOG = "audit.log"


def note(home: Path, did: str, **said: int | str) -> None:
    """Add a line, on the disk when this returns."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    with (home / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps({"at": at, "did": did, **said}) + "\n")
        log.flush()
        os.fsync(log.fileno())


def last(home: Path, key: str) -> str | None:
    """Return what the last line that says `key` says of it; None where none does."""
    try:
        lines = (home / LOG).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return None
    for line in reversed(lines):
        with suppress(ValueError):
            said = json.loads(line)
            if isinstance(said, dict) and key in said:
                return str(said[key])
    return None


def os_user() -> str:
    """Return the operating system's user, or its number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
