"""What people said of findings: `HOME/marks.sqlite`, append-only, of which the last mark of a finding counts.

SQLite waits for a writer, so marks may be set while a night runs; a release holds those that it found.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from flows.audit_log import os_user
from flows.errors import Usage

STORE = "marks.sqlite"
VERSION = 1
WAIT_SECONDS = 30.0
TABLE = """
CREATE TABLE IF NOT EXISTS marks (
    mark_id INTEGER PRIMARY KEY AUTOINCREMENT,
    episode_id TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    mark TEXT NOT NULL,
    marked_by TEXT NOT NULL,
    note TEXT,
    until TEXT,
    os_user TEXT NOT NULL,
    marked_at TEXT NOT NULL,
    release TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    event_date TEXT
)
"""
COLUMNS = (
    "episode_id", "rule_id", "mark", "marked_by", "note", "until", "os_user", "marked_at", "release", "verdict",
    "reason", "event_date",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark to be set: on which finding, what, by whom, and until when it holds (inclusive)."""

    episode_id: str
    rule_id: str
    mark: str
    by: str
    note: str | None = None
    until: date | None = None


def add(home: Path, mark: Mark, release: str, finding: dict[str, object]) -> None:
    """Append a mark, with the finding as it was marked."""
    day = finding["event_date"]
    row = (
        mark.episode_id, mark.rule_id, mark.mark, mark.by, mark.note, mark.until.isoformat() if mark.until else None,
        os_user(), datetime.now(UTC).isoformat(timespec="seconds"), release, finding["verdict"], finding["reason"],
        day.isoformat() if isinstance(day, date) else None,
    )  # fmt: skip
    with _store(home) as store, store:
        store.execute(f"INSERT INTO marks ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})", row)


def read(home: Path) -> pl.DataFrame:
    """Return every mark ever set, in order, in the columns of the store."""
    schema = {"mark_id": pl.Int64(), **dict.fromkeys(COLUMNS, pl.String())}
    rows: list[tuple[object, ...]] = []
    if (home / STORE).is_file():
        with _store(home) as store:
            rows = store.execute(f"SELECT mark_id, {', '.join(COLUMNS)} FROM marks ORDER BY mark_id").fetchall()
    read = pl.DataFrame(rows, schema=schema, orient="row")
    return read.with_columns(pl.col("until", "event_date").str.to_date("%Y-%m-%d"))


def named_in_text(patient_id: str) -> str:
    """Return the pattern of a text in which an id stands as a word of its own."""
    return rf"(^|[^\w-]){re.escape(patient_id)}([^\w-]|$)"


def forget(home: Path, patient_id: str) -> int:
    """Take the marks of a person's findings out of the store, past reading from its file, and return how many.

    A note on somebody else's finding that names the person goes too.
    """
    if not (home / STORE).is_file():
        return 0
    with _store(home) as store:
        store.execute("PRAGMA secure_delete = ON")
        with store:
            theirs = "substr(episode_id, 1, length(episode_id) - 9) = ? AND episode_id GLOB ?"
            gone = store.execute(f"DELETE FROM marks WHERE {theirs}", (patient_id, "*-" + 8 * "[0-9]")).rowcount
            named = re.compile(named_in_text(patient_id))
            store.create_function("names_them", 1, lambda note: bool(named.search(note)), deterministic=True)
            store.execute("UPDATE marks SET note = NULL WHERE note IS NOT NULL AND names_them(note)")
        store.execute("VACUUM")
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return gone


@contextmanager
def _store(home: Path) -> Iterator[sqlite3.Connection]:
    """Open the store, made on first use; Usage where a newer program wrote it."""
    with closing(sqlite3.connect(home / STORE, timeout=WAIT_SECONDS)) as store:
        version = store.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise Usage("a newer program wrote the marks of this home: this one is too old for them")
        store.execute("PRAGMA journal_mode = WAL")  # who reads for long keeps nobody from marking
        with store:
            store.execute(TABLE)
            store.execute(f"PRAGMA user_version = {VERSION}")
        yield store
