"""The release before: the latest in the chain of `current` whose as-of date lies before a run's (history.md 2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from audit.guideline import Guideline
from flows.days import iso_day
from flows.errors import Usage
from flows.release.current import CURRENT
from flows.release.opened import Release, manifest_of

NONE_BEFORE = "there is no release before this one"
ANEW = "it was asked to start anew"
UNREADABLE = "the release before it cannot be read"


@dataclass(frozen=True, slots=True)
class Before:
    """What a run is compared with, or why with nothing.

    `is_replay`: it lies before the current release. `is_damaged`: there is one, and it cannot be read.
    """

    release: Release | None
    why: str = ""
    is_replay: bool = False
    is_damaged: bool = False


NOTHING_BEFORE = Before(None, NONE_BEFORE)


def before(home: Path, as_of: date, guideline: Guideline, *, replay: bool = False, anew: bool = False) -> Before:
    """Return what a run as of a day is compared with; raise Usage where this home is not for it."""
    try:
        return _found(home, as_of, guideline, replay=replay, anew=anew)
    except (OSError, ValueError, LookupError, TypeError):  # a damaged release must not hold back tonight's verdicts
        return Before(None, UNREADABLE, is_damaged=True)


def _found(home: Path, as_of: date, guideline: Guideline, *, replay: bool, anew: bool) -> Before:
    current = manifest_of(home / CURRENT)
    if current is None:
        if replay:
            raise Usage("--replay: this home has no release yet")
        return Before(None, NONE_BEFORE)
    _require_same(current, guideline)
    is_replay = as_of < iso_day(current["as_of"])
    if is_replay and not replay:
        raise Usage(
            f"the as-of date {as_of} lies before the current release ({current['as_of']}): --replay asks for that"
        )
    if replay and not is_replay:
        raise Usage(f"--replay: the as-of date {as_of} does not lie before the current release ({current['as_of']})")
    if anew:
        return Before(None, ANEW, is_replay)
    for folder, said in _chain(home, current):
        if said is None:
            return Before(None, "the release before it is kept no more", is_replay)
        if iso_day(said["as_of"]) < as_of:
            why = "" if "fingerprints" in said else "the release before it keeps no rows: an earlier program wrote it"
            return Before(None if why else Release(folder, said), why, is_replay)
    return Before(None, NONE_BEFORE, is_replay)


def _chain(home: Path, current: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any] | None]]:
    """Yield the releases from the current one back, each with its manifest; None where one is kept no more."""
    said: dict[str, Any] | None = current
    name = str(current["run_id"])
    while name:
        folder = home / "releases" / name
        yield folder, said
        if said is None:
            return
        name = str(said.get("predecessor") or "")
        said = manifest_of(folder.parent / name) if name else None


def _require_same(current: dict[str, Any], guideline: Guideline) -> None:
    """Raise Usage where a home holds another guideline or drug."""
    held = current["guideline"]
    for what, mine, theirs in (
        ("guideline", guideline.id, held["id"]),
        ("drug", guideline.audited_drug, held["audited_drug"]),
    ):
        if mine != theirs:
            raise Usage(f"this home holds releases for the {what} {theirs}, not {mine}: give another --home")
