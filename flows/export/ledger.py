"""`HOME/exports.sqlite`: which counts were given, to whom, and their bytes; append-only, a chain of hashes.

Each entry holds the hash of the one before it, and the audit log the hash of the last one: an entry that was changed, a
ledger that was cut and one that is gone are seen.
"""

import hashlib
import json
import os
import sqlite3
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows import audit_log
from flows.errors import Broken, Usage

STORE = "exports.sqlite"
OWNER_ONLY = 0o600
WAIT_SECONDS = 30.0
START = "0" * 64
MADE, GIVEN, ROWS = "made", "given", "rows"  # counts made; the same bytes given once more; rows under an agreement
HEAD = "ledger_head"
TABLES = """
CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY,
    entry TEXT NOT NULL,
    files BLOB,
    hash TEXT NOT NULL
);
CREATE TRIGGER IF NOT EXISTS no_change BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS no_removal BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'append-only'); END;
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One giving: what the entry says, the files where it made some, and its hash in the chain."""

    said: Mapping[str, Any]
    packed: bytes | None
    hash: str

    @property
    def files(self) -> dict[str, bytes]:
        """Return the files that it made."""
        held = json.loads(zlib.decompress(self.packed or zlib.compress(b"{}")))
        return {name: b64decode(data) for name, data in held.items()}


class Ledger:
    """The ledger of a home, held open for writing until the export is written."""

    def __init__(self, home: Path, store: sqlite3.Connection) -> None:
        """Read it whole; Broken where it is not as it was written."""
        self._home, self._store = home, store
        self.entries = _chained(store, audit_log.last(home, HEAD))

    def made(self, profile: str, period: str) -> Entry | None:
        """Return the export of a profile and period that was made."""
        of = (entry for entry in self.entries if entry.said["did"] == MADE)
        return next((e for e in of if (e.said["profile"], e.said["period"]) == (profile, period)), None)

    @property
    def sites(self) -> dict[str, str]:
        """Return the number of each site that was ever given, by its id."""
        return {site: number for entry in self.entries for site, number in entry.said.get("sites", {}).items()}

    def add(self, did: str, said: Mapping[str, Any], files: Mapping[str, bytes] | None = None) -> None:
        """Append an entry, on the disk when this returns; the audit log then holds the head of the chain."""
        packed = _packed(files) if files is not None else None
        entry = {
            "did": did,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "by": audit_log.os_user(),
            **said,
            "files": hashlib.sha256(packed).hexdigest() if packed is not None else None,
        }
        text = json.dumps(entry, sort_keys=True, ensure_ascii=False)
        head = _hash(self.entries[-1].hash if self.entries else START, text)
        number = len(self.entries) + 1
        self._store.execute("INSERT INTO entries VALUES (?, ?, ?, ?)", (number, text, packed, head))
        self._store.commit()
        self.entries.append(Entry(entry, packed, head))
        audit_log.note(self._home, "export", **{HEAD: head})
        self._store.execute("BEGIN IMMEDIATE")


@contextmanager
def ledger(home: Path) -> Iterator[Ledger]:
    """Yield the ledger of a home, which no other export writes meanwhile; a night is never in its way."""
    path = home / STORE
    if not home.is_dir():
        raise Usage("this home holds no release yet: run `rechallenge audit` first")
    if not path.exists():
        if audit_log.last(home, HEAD):
            raise Broken("the ledger of exports is gone: what was given is not known, and nothing more may leave")
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, OWNER_ONLY))
    try:
        with closing(sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)) as store:
            store.executescript(TABLES)
            store.execute("BEGIN IMMEDIATE")
            yield Ledger(home, store)
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise Usage("another export is being made in this home; ask again when it is done") from None
        raise Broken("the ledger of exports cannot be written") from None
    except sqlite3.DatabaseError:
        raise Broken("the ledger of exports cannot be read: nothing may leave without it") from None


def refuse_shared_recipient(home: Path, recipient: str) -> None:
    """Raise Usage where rows would go to somebody who has counts."""
    if not (home / STORE).exists() and not audit_log.last(home, HEAD):
        return  # nothing was ever given
    with ledger(home) as held:
        _refuse_holder_of_counts(held, recipient)


def remember_rows(home: Path, recipient: str, profile: str) -> None:
    """Remember that somebody has rows: counts are refused to them; Usage where counts were given meanwhile."""
    with ledger(home) as held:
        _refuse_holder_of_counts(held, recipient)
        held.add(ROWS, {"recipient": recipient, "profile": profile})


def _refuse_holder_of_counts(held: Ledger, recipient: str) -> None:
    if any(_is(entry, recipient) for entry in held.entries if entry.said["did"] in (MADE, GIVEN)):
        raise Usage("this recipient was given counts of this home: rows beside them would tell what they hide")


def refuse_holder_of_rows(held: Ledger, recipient: str | None) -> None:
    """Raise Usage where counts would go to somebody who has rows."""
    if recipient and any(_is(entry, recipient) for entry in held.entries if entry.said["did"] == ROWS):
        raise Usage("this recipient was given rows of this home: counts beside them would tell what they hide")


def _is(entry: Entry, recipient: str) -> bool:
    return _plain(str(entry.said.get("recipient") or "")) == _plain(recipient)


def _plain(name: str) -> str:
    """Return a name as it is compared: without case, and blanks as one."""
    return " ".join(name.casefold().split())


def _chained(store: sqlite3.Connection, noted: str | None) -> list[Entry]:
    """Return the entries; Broken where one was changed or left out, or the chain ends before what was noted."""
    entries, before = [], START
    rows = store.execute("SELECT number, entry, files, hash FROM entries ORDER BY number")
    for place, (number, text, files, said) in enumerate(rows, 1):
        entry = json.loads(text) if _hash(before, text) == said and number == place else None
        of_files = hashlib.sha256(files).hexdigest() if files is not None else None
        if entry is None or entry["files"] != of_files:
            raise Broken("the ledger of exports was changed: its chain of hashes does not hold; nothing may leave")
        entries.append(Entry(entry, files, said))
        before = said
    if noted is None and len(entries) > 1:  # the first may have been killed before it was noted
        raise Broken("the audit log of this home is gone: whether the ledger is whole is not known; nothing may leave")
    if noted is not None and noted not in {entry.hash for entry in entries}:
        raise Broken("the ledger of exports was cut: the audit log knows a later entry; nothing may leave")
    return entries


def _hash(before: str, text: str) -> str:
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


def _packed(files: Mapping[str, bytes]) -> bytes:
    text = json.dumps({name: b64encode(data).decode() for name, data in sorted(files.items())})
    return zlib.compress(text.encode(), 6)
