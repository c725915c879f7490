"""What is asked of an export, and what is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.errors import Usage
from flows.export import keys
from flows.release import Release, open_release

TOGETHER = (
    "Rows and aggregates of the same population undo each other's protection: who holds these rows can count every "
    "cell that an aggregate export suppresses. So this export may not go to a recipient of aggregates, and its "
    "recipient may neither receive nor publish them."
)


@dataclass(frozen=True, slots=True)
class Request:
    """An export as it is asked for; `period` names one of the profile's calendar, unasked the last that is over."""

    home: Path
    release: str | None = None
    key_file: Path | None = None
    recipient: str | None = None
    purpose: str | None = None
    period: str | None = None

    def opened(self) -> Release:
        """Return the release asked for."""
        return open_release(self.home, self.release, told=True)

    def agreement(self) -> tuple[str, str]:
        """Return the recipient and the purpose; Usage where either is lacking: such rows are given to somebody."""
        recipient, purpose = (self.recipient or "").strip(), (self.purpose or "").strip()
        if not recipient or not purpose:
            raise Usage("rows leave under an agreement only: give --recipient NAME and --purpose TEXT")
        return recipient, purpose

    def key(self) -> keys.Key:
        """Return the key of the pseudonyms, bound to the recipient."""
        return keys.read(self.key_file, self.agreement()[0])


@dataclass(frozen=True, slots=True)
class Made:
    """An export: its files by name (a `/` for a folder), what its manifest says, and what is told on the terminal."""

    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    told: Mapping[str, int] = field(default_factory=dict)
    words: str = ""
