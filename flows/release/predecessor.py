"""The release before: the latest in the chain of `current` whose as-of date lies before a run's (history.md 2)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from audit.calendar import EPOCH
from audit.changes import Edition, Findings, Night
from audit.errors import GuidelineError
from audit.frames import HISTORY, KEPT, Kept
from audit.guideline import Guideline
from flows.days import iso_day
from flows.errors import Usage
from flows.release.contents import SCHEMA_VERSION
from flows.release.current import CURRENT

EDITION_FILE = "edition.json"
NONE_BEFORE = "there is no release before this one"
ANEW = "it was asked to start anew"
UNREADABLE = "the release before it cannot be read"


@dataclass(frozen=True, slots=True)
class Predecessor:
    """A release that a run is compared with; its tables are read when they are asked for."""

    folder: Path
    said: dict[str, Any]

    @property
    def run_id(self) -> str:
        """Return its id."""
        return self.folder.name

    @property
    def as_of(self) -> date:
        """Return its as-of date."""
        return iso_day(self.said["as_of"])

    @property
    def observed_to(self) -> date:
        """Return the end of its feed."""
        taken = self.said.get("extracted_on")
        return min(self.as_of, iso_day(taken)) if taken else self.as_of

    def table(self, name: str, columns: list[str] | None = None) -> pl.DataFrame:
        """Return one of its tables."""
        with (self.folder / f"{name}.parquet").open("rb") as file:  # polars would expand a pattern in a path
            return pl.read_parquet(file, columns=columns)

    def history(self) -> pl.DataFrame:
        """Return what it carries of the findings of all releases before it."""
        return self.table(HISTORY.name)

    def night(self, program: str) -> Night:
        """Return it as a night that changes are found against; its edition only where the program is the same."""
        fingerprints = self.said["fingerprints"]
        guideline = self._edition() if fingerprints.get("program") == program else None
        return Night(
            observed_to=(self.observed_to - EPOCH).days,
            edition=Edition(guideline, fingerprints),
            kept=Kept(**{frame.name: self.table(frame.name, frame.names) for frame in KEPT}),
            found=Findings(
                self.table("episodes", ["episode_id", "patient_id", "stop_date", "restart_date"]),
                self.table("findings", ["episode_id", "rule_id", "verdict", "reason", "event_date"]),
            ),
            lacks=frozenset(self.said["lacks"]),
        )

    def _edition(self) -> Guideline | None:
        """Return the edition as it was applied; None where it can be applied no more."""
        try:
            return edition_of((self.folder / EDITION_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError, GuidelineError):
            return None


@dataclass(frozen=True, slots=True)
class Before:
    """What a run is compared with, or why with nothing.

    `is_replay`: it lies before the current release. `is_damaged`: there is one, and it cannot be read.
    """

    release: Predecessor | None
    why: str = ""
    is_replay: bool = False
    is_damaged: bool = False


NOTHING_BEFORE = Before(None, NONE_BEFORE)


def edition_text(guideline: Guideline) -> str:
    """Return an edition as it was applied, whole, as JSON."""
    data = guideline.model_dump(mode="json", by_alias=True)
    for parameter in data["parameters"].values():
        del parameter["name"]
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def edition_of(text: str) -> Guideline:
    """Return the edition that `edition_text` wrote."""
    return Guideline.model_validate_json(text)


def before(home: Path, as_of: date, guideline: Guideline, *, replay: bool = False, anew: bool = False) -> Before:
    """Return what a run as of a day is compared with; raise Usage where this home is not for it."""
    try:
        return _found(home, as_of, guideline, replay=replay, anew=anew)
    except (OSError, ValueError, LookupError, TypeError):  # a damaged release must not hold back tonight's verdicts
        return Before(None, UNREADABLE, is_damaged=True)


def _found(home: Path, as_of: date, guideline: Guideline, *, replay: bool, anew: bool) -> Before:
    current = _said(home / CURRENT)
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
            return Before(None if why else Predecessor(folder, said), why, is_replay)
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
        said = _said(folder.parent / name) if name else None


def _said(folder: Path) -> dict[str, Any] | None:
    """Return a release's manifest; None where there is no such release, Usage where a newer program wrote it."""
    try:
        said: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if int(said.get("schema_version", 0)) > SCHEMA_VERSION:
        raise Usage("a newer program wrote the releases of this home: this one is too old for them")
    return said


def _require_same(current: dict[str, Any], guideline: Guideline) -> None:
    """Raise Usage where a home holds another guideline or drug."""
    held = current["guideline"]
    for what, mine, theirs in (
        ("guideline", guideline.id, held["id"]),
        ("drug", guideline.audited_drug, held["audited_drug"]),
    ):
        if mine != theirs:
            raise Usage(f"this home holds releases for the {what} {theirs}, not {mine}: give another --home")
