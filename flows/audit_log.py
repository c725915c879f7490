"""`HOME/audit.log`: what was done to a home beside its nightly runs, one line of JSON each, append-only.

It keeps that something happened and how much of it, never to whom.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

LOG = "audit.log"


def note(home: Path, did: str, **counts: int) -> None:
    """Add a line, on the disk when this returns."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    with (home / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps({"at": at, "did": did, **counts}) + "\n")
        log.flush()
        os.fsync(log.fileno())
