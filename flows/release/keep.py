"""Which releases a home keeps: the newest nights, and the last night of each of the newest months.

Older ones go after `current` has turned. Who has one open reads on: its files are there until the last reader closes
them; `history` tells on what they found.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flows.release.current import CURRENT, remove
from flows.release.opened import manifests
from flows.shipped import KEPT_NIGHTS

MONTHLY = 12


@dataclass(frozen=True, slots=True, order=True)
class Kept:
    """A release by its as-of date and when it was started, as text, and its folder's name."""

    as_of: str
    started: str
    name: str

    @property
    def month(self) -> str:
        """Return the month of its as-of date."""
        return self.as_of[:7]


def outlived(releases: Iterable[Kept], current: str, nightly: int = KEPT_NIGHTS, monthly: int = MONTHLY) -> list[str]:
    """Return the names of the releases that are kept no more, oldest first.

    Kept are the current one, those of the newest `nightly` as-of dates with every re-run of them, and the last of each
    of the newest `monthly` months.
    """
    ordered = sorted(releases)
    nights = sorted({one.as_of for one in ordered})[-nightly:] if nightly else []
    last_of = {one.month: one.name for one in ordered}
    months = {last_of[month] for month in sorted(last_of)[-monthly:]} if monthly else set()
    return [one.name for one in ordered if one.as_of not in nights and one.name not in months | {current}]


def remove_outlived(home: Path, nightly: int = KEPT_NIGHTS) -> int:
    """Remove the releases that are kept no more, and return how many; call it under the lock, after the turn.

    One whose manifest cannot be read is left for a person to look at.
    """
    current = (home / CURRENT).resolve().name
    gone = outlived(_releases(home), current, nightly)
    for name in gone:
        remove(home, name)
    return len(gone)


def _releases(home: Path) -> Iterable[Kept]:
    for name, said in manifests(home):
        if "as_of" in said and "started_at" in said:
            yield Kept(str(said["as_of"]), str(said["started_at"]), name)
