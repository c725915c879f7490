"""A release that stands, opened again: its manifest, its tables, the edition that judged it."""

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
from audit.frames import HISTORY, KEPT, RELEASED, Kept
from audit.guideline import Guideline
from flows.days import iso_day
from flows.errors import Usage
from flows.intake import end_of
from flows.release.contents import ADDED, SCHEMA_VERSION
from flows.release.current import CURRENT

EDITION_FILE = "edition.json"
DAYS = ("reviewed_on", "review_due", "in_force_from", "in_force_to")


@dataclass(frozen=True, slots=True)
class Release:
    """A release that stands; its tables are read when they are asked for."""

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
        return end_of(self.as_of, iso_day(taken) if taken else None)

    def table(self, name: str, columns: list[str] | None = None) -> pl.DataFrame:
        """Return one of its tables."""
        return self.scan(name).select(columns or pl.all()).collect()

    def scan(self, name: str) -> pl.LazyFrame:
        """Return one of its tables, read where its rows are asked for; one that came later has no rows."""
        if ADDED.get(name, 0) > int(self.said.get("schema_version", 0)):
            return next(frame for frame in RELEASED if frame.name == name).empty().lazy()
        return pl.scan_parquet(self.folder / f"{name}.parquet", glob=False, hive_partitioning=False)

    def history(self) -> pl.DataFrame:
        """Return what it carries of the findings of all releases up to it."""
        return self.table(HISTORY.name)

    def rows(self, name: str, patients: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of some patients (patient_id) of one of its tables, without the others in memory."""
        return self.scan(name).join(patients.lazy(), on="patient_id", how="semi").collect(engine="streaming")

    def night(self, program: str, found: Findings, patients: pl.DataFrame) -> Night:
        """Return it, with what it `found`, as a night that changes of some patients (patient_id) are found against.

        It has its edition only where the program is the same: another may judge otherwise.
        """
        fingerprints = self.said["fingerprints"]
        guideline = self.edition() if fingerprints.get("program") == program else None
        return Night(
            observed_to=(self.observed_to - EPOCH).days,
            edition=Edition(guideline, fingerprints),
            kept=Kept(**{frame.name: self.rows(frame.name, patients).select(frame.names) for frame in KEPT}),
            found=found,
            lacks=frozenset(self.said["lacks"]),
        )

    def found(self) -> Findings:
        """Return what it found."""
        return Findings(
            self.table("episodes", ["episode_id", "patient_id", "stop_date", "restart_date"]),
            self.table("findings", ["episode_id", "rule_id", "verdict", "reason", "event_date"]),
        )

    def edition(self) -> Guideline | None:
        """Return the edition as it was applied; None where it can be applied no more."""
        try:
            return edition_of((self.folder / EDITION_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError, GuidelineError):
            return None


def open_release(home: Path, name: str | None = None, *, told: bool = False) -> Release:
    """Return the current release, or another that the home keeps; raise Usage where there is none.

    `told`: also where it is of an earlier program, which told neither changes nor urgency nor marks.
    """
    folder = (home / CURRENT).resolve() if name is None else home / "releases" / name
    said = manifest_of(folder) if name is None or Path(name).name == name else None
    if said is None:
        which = "release yet: run `rechallenge audit` first" if name is None else "such release"
        raise Usage(f"this home holds no {which}")
    if told and "schema_version" not in said:
        raise Usage("an earlier program wrote this release: run `rechallenge audit` first")
    return Release(folder, said)


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """Return a release's manifest; None where there is no such release, Usage where a newer program wrote it."""
    try:
        said: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if not isinstance(said, dict):
        raise ValueError("a manifest is an object")
    if int(said.get("schema_version", 0)) > SCHEMA_VERSION:
        raise Usage("a newer program wrote the releases of this home: this one is too old for them")
    return said


def manifests(home: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each release of a home, by its id, with its manifest; one that cannot be read tells nothing."""
    for file in sorted((home / "releases").glob("*/manifest.json")):
        if file.parent.name.startswith("."):
            continue
        try:
            said = manifest_of(file.parent)
        except (OSError, ArithmeticError, ValueError, TypeError, RecursionError, Usage):
            continue
        if said is not None:
            yield file.parent.name, said


def edition_text(guideline: Guideline) -> str:
    """Return an edition as it was applied, whole, as JSON."""
    data = guideline.model_dump(mode="json", by_alias=True)
    for parameter in data["parameters"].values():
        del parameter["name"]
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def edition_of(text: str) -> Guideline:
    """Return the edition that `edition_text` wrote."""
    return Guideline.model_validate(json.loads(text, object_hook=_with_days))


def _with_days(read: dict[str, Any]) -> dict[str, Any]:
    """Return an object of JSON with its days as dates, as TOML has them."""
    return {key: iso_day(value) if key in DAYS and value else value for key, value in read.items()}
