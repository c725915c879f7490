"""Whom an operator was asked to forget: `HOME/erased.json` and the key beside it, by which intake leaves them out.

A person is kept as a keyed hash (HMAC-SHA-256 of the patient id) alone: without `HOME/erased.key` nobody can try ids
against it.
"""

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.errors import Broken, Usage

STORE, KEY = "erased.json", "erased.key"
VERSION = 1
BLOCK = 64  # bytes of a block of SHA-256, to which the key of an HMAC is filled
OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Exclusions:
    """The people to leave out, by hash; each says whether every kept release was rewritten without them."""

    key: bytes = b""
    people: dict[str, bool] = field(default_factory=dict)

    @property
    def pads(self) -> tuple[bytes, bytes]:
        """Return the inner and the outer block of the HMAC, with which SQL computes it too."""
        filled = self.key.ljust(BLOCK, b"\0")
        return bytes(byte ^ 0x36 for byte in filled), bytes(byte ^ 0x5C for byte in filled)

    @property
    def unfinished(self) -> int:
        """Return for how many people a kept release may still hold rows."""
        return sum(not is_done for is_done in self.people.values())

    def hash_of(self, patient_id: str) -> str:
        """Return the keyed hash of a patient id."""
        return hmac.new(self.key, patient_id.encode(), hashlib.sha256).hexdigest()


NOBODY = Exclusions()


def read(home: Path) -> Exclusions:
    """Return the people to leave out; Broken where they cannot be known: nobody may come back by a damaged file."""
    try:
        text = (home / STORE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return NOBODY
    try:
        said: dict[str, Any] = json.loads(text)
        if said["schema_version"] > VERSION:
            raise Usage("a newer program wrote the exclusions of this home: this one is too old for them")
        people = {str(one["hash"]): bool(one["is_done"]) for one in said["people"]}
        key = bytes.fromhex((home / KEY).read_text(encoding="ascii").strip())
    except (OSError, ValueError, LookupError, TypeError):
        raise Broken("the people to leave out of this home cannot be read; nothing is done without them") from None
    if not key:
        raise Broken("the key of the people to leave out is empty; nothing is done without it")
    return Exclusions(key, people)


def add(home: Path, patient_id: str) -> Exclusions:
    """Leave a person out from now on, and return all who are; call it under the lock."""
    found = read(home)
    if not found.key:
        found = Exclusions(_new_key(home))
    return _write(home, Exclusions(found.key, found.people | {found.hash_of(patient_id): False}))


def finish(home: Path, patient_id: str) -> None:
    """Say that no kept release holds a person any more; call it under the lock."""
    found = read(home)
    _write(home, Exclusions(found.key, found.people | {found.hash_of(patient_id): True}))


def _new_key(home: Path) -> bytes:
    """Write a new key that only its owner reads; one that is there without people is of a killed run, and is used."""
    key = secrets.token_bytes(32)
    try:
        handle = os.open(home / KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError:
        try:
            if found := bytes.fromhex((home / KEY).read_text(encoding="ascii").strip()):
                return found
        except ValueError:
            pass
        handle = os.open(home / KEY, os.O_WRONLY | os.O_TRUNC)
    with os.fdopen(handle, "w") as out:
        out.write(key.hex() + "\n")
        out.flush()
        os.fsync(out.fileno())
    return key


def _write(home: Path, exclusions: Exclusions) -> Exclusions:
    """Put the store in place in one step."""
    people = [{"hash": one, "is_done": is_done} for one, is_done in sorted(exclusions.people.items())]
    aside = home / f".{STORE}.partial"
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w", encoding="utf-8") as out:
        out.write(json.dumps({"schema_version": VERSION, "people": people}, indent=2) + "\n")
        out.flush()
        os.fsync(out.fileno())
    aside.replace(home / STORE)
    return exclusions
