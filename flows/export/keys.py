"""The key of pseudonyms: read strictly, shown nowhere; and what is derived from it.

pseudonym = first 32 hexadecimal digits of HMAC-SHA-256(key, recipient 0x1F kind 0x1F id): another for each recipient,
so that two of them cannot join what they hold.
"""

import hashlib
import hmac
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from flows.errors import Usage

VARIABLE = "RECHALLENGE_EXPORT_KEY"
LEAST_BYTES = 32
LEAST_DIFFERENT = 16
DIGITS = 32
BETWEEN = b"\x1f"
READ_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Key:
    """A key, bound to a recipient; it prints nothing of itself."""

    secret: bytes = field(repr=False)
    recipient: str

    def digest(self, kind: str, identifier: str) -> bytes:
        """Return the keyed hash of an id of a kind, such as patient or episode."""
        words = BETWEEN.join(word.encode() for word in (self.recipient, kind, identifier))
        return hmac.new(self.secret, words, hashlib.sha256).digest()

    def pseudonym(self, kind: str, identifier: str) -> str:
        """Return the pseudonym of an id."""
        return self.digest(kind, identifier).hex()[:DIGITS]

    def pseudonyms(self, kind: str, identifiers: Iterable[str]) -> dict[str, str]:
        """Return the pseudonym of each of some ids; Usage where two would share one."""
        found = {one: self.pseudonym(kind, one) for one in identifiers}
        if len(set(found.values())) != len(found):
            raise Usage("two ids have one pseudonym under this key: take another key")
        return found


def read(file: Path | None, recipient: str) -> Key:
    """Return the key: the exact bytes of a file, else hex in RECHALLENGE_EXPORT_KEY; Usage where it is none."""
    if BETWEEN.decode() in recipient:
        raise Usage("a recipient's name holds a control character")
    secret = _of_file(file) if file else _of_environment()
    if len(secret) < LEAST_BYTES:
        raise Usage(f"the key is too short: at least {LEAST_BYTES} bytes are needed")
    if len(set(secret)) < LEAST_DIFFERENT:
        raise Usage(f"the key is too weak: fewer than {LEAST_DIFFERENT} of its bytes are different")
    return Key(secret, recipient)


def _of_file(file: Path) -> bytes:
    try:
        # A pipe is opened without waiting for somebody who writes to it.
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as opened:
            said = os.fstat(opened.fileno())
            if not stat.S_ISREG(said.st_mode):
                raise Usage("the key file is no file")
            if said.st_mode & READ_BY_OTHERS:
                raise Usage("others may read the key file: allow its owner alone (chmod 600)")
            return opened.read(1 << 20)
    except OSError:
        raise Usage("the key file cannot be read: without the key that made them, pseudonyms cannot be made") from None


def _of_environment() -> bytes:
    text = os.environ.get(VARIABLE)
    if text is None:
        raise Usage(f"a key is needed: --key-file FILE, or hex in {VARIABLE}")
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Usage(f"{VARIABLE} is not hexadecimal") from None
