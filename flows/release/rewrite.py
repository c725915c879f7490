"""Kept releases written anew without a person: each as a new folder, all of them or none.

The new folders are written aside, then put in place, `current` turns, and the old ones go. A new one says in its
manifest which it `replaces`, so that whoever comes after a killed run (`mend`) takes back or completes what was begun.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from audit.frames import KEPT, MARKS, MEASURES, REJECTS, RELEASED, ROW_NOTES, UNKNOWN_DOSES
from audit.guideline import Guideline
from audit.measures import measures
from flows.errors import Broken
from flows.marks import named_in_text
from flows.release.contents import SCHEMA_VERSION, Contents
from flows.release.current import CURRENT, aside, place, remove, turn
from flows.release.manifest import about
from flows.release.opened import EDITION_FILE, Release, edition_of, manifests
from flows.release.publish import write

PATIENT, EPISODE, BEFORE = "patient_id", "episode_id", "episode_before"
CHECKS_FILE = "checks.html"
ID_ENDS = r"-\d{8}$"  # an episode's id is the patient's with the day of the restart
# The received table and the column of its own ids, by the kept table that holds its rows.
IDS = {"labs": ("lab_results", "source_id"), "exposures": ("drug_exposures", "exposure_id"),
       "events": ("clinical_events", "event_id"), "stays": ("inpatient_stays", "stay_id"),
       "patients": ("patients", PATIENT)}  # fmt: skip
Pages = Callable[[Mapping[str, pl.DataFrame], Guideline, Mapping[str, Any]], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What a rewriting came to: releases written anew, those of them that held the person, those that had to go.

    `unread`: folders among the releases that cannot be read as one, and stand as they were.
    """

    anew: int
    held: int
    removed: int
    unread: int


def without(home: Path, patient_id: str, pages: Pages) -> Rewritten:
    """Write every kept release anew without a person; call it under the lock.

    `pages` makes the pages of a release from its tables, edition and manifest. A release that lacks tables, or whose
    edition this program cannot apply, cannot be written anew, and goes; Broken where that is the current one.
    """
    mend(home)
    current = (home / CURRENT).resolve().name
    said = dict(manifests(home))
    names = {name: _new_name(name, said[name]) for name in said}
    held, lost = 0, []
    for name in names:
        old = Release(home / "releases" / name, said[name])
        try:
            held += _write(home, old, names, patient_id, pages)
        except (OSError, LookupError, ValueError, pl.exceptions.PolarsError, Broken) as error:
            if name == current:
                raise Broken("the current release cannot be written anew: run `rechallenge audit` first") from error
            lost.append(name)
    for name, new in names.items():
        if name in lost:
            shutil.rmtree(aside(home, new), ignore_errors=True)
        else:
            place(home, new)
    if current in names:
        turn(home, names[current])
    for name in lost:
        remove(home, name)
    mend(home)
    unread = sum(path.name not in names.values() for path in (home / "releases").glob("[!.]*"))
    return Rewritten(len(names) - len(lost), held, len(lost), unread)


def mend(home: Path) -> None:
    """Complete a rewriting whose turn of `current` was taken, and take back one whose was not; under the lock."""
    found = {name: str(said["replaces"]) for name, said in manifests(home) if said.get("replaces")}
    open_pairs = {new: old for new, old in found.items() if (home / "releases" / old).is_dir()}
    is_taken = (home / CURRENT).resolve().name not in open_pairs.values()
    for new, old in open_pairs.items():
        remove(home, old if is_taken else new)


def _new_name(name: str, said: Mapping[str, Any]) -> str:
    """Return the id of a release once it is written anew: that of its run, and how often it was."""
    n = _next(said)
    return f"{name.removesuffix(f'-{n - 1}')}-{n}"


def _next(said: Mapping[str, Any]) -> int:
    """Return how often a release was written anew, once it is again."""
    return int(said.get("times_rewritten", 0)) + 1


def _write(home: Path, old: Release, names: Mapping[str, str], patient_id: str, pages: Pages) -> bool:
    """Write a release anew aside, and return whether it held the person."""
    edition, checks = ((old.folder / file).read_text(encoding="utf-8") for file in (EDITION_FILE, CHECKS_FILE))
    guideline = edition_of(edition)
    tables = {frame.name: old.table(frame.name) for frame in RELEASED}
    rid = without_person(tables, patient_id, guideline)
    left = renamed(rid, names)
    manifest = _manifest(old, left, names)
    checks = checks.replace(old.run_id, manifest["run_id"])  # it tells of rows by number alone
    made = {**pages(left, guideline, manifest), CHECKS_FILE: checks, EDITION_FILE: edition}
    contents = Contents(left, about(guideline, manifest["as_of"]), made, lambda: manifest)
    write(aside(home, manifest["run_id"]), contents)
    return any(not rid[name].equals(tables[name]) for name in ("patients", "rejects", "history", "marks"))


def _manifest(old: Release, tables: Mapping[str, pl.DataFrame], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the manifest of a release as it is written anew."""
    name = names[old.run_id]
    before = old.said.get("predecessor")
    usual = old.said["usual_rows"]
    return old.said | {
        "run_id": name,
        "schema_version": SCHEMA_VERSION,
        "predecessor": names.get(before, before) if before else before,
        "outputs": {f"{table}.parquet": frame.height for table, frame in tables.items()},
        "usual_rows": usual | {"releases": [names.get(one, one) for one in usual["releases"]]},
        "replaces": old.run_id,
        "times_rewritten": _next(old.said),
    }


def renamed(tables: Mapping[str, pl.DataFrame], names: Mapping[str, str]) -> dict[str, pl.DataFrame]:
    """Return tables with the new ids of releases in place of the old ones."""
    columns = {"changes": "since_release", "history": "first_release"}
    return {
        name: table.with_columns(pl.col(columns[name]).replace(names)) if name in columns else table
        for name, table in tables.items()
    }


def without_person(
    tables: Mapping[str, pl.DataFrame], patient_id: str, guideline: Guideline
) -> dict[str, pl.DataFrame]:
    """Return released tables without a person: their rows go, and rates are counted anew.

    What became of received rows stays counted; a rejected row of theirs keeps its number and its reason alone.
    """
    left = {name: _left(table, patient_id) for name, table in tables.items()}
    left[REJECTS.name] = _emptied(tables[REJECTS.name], patient_id)
    named = pl.col("note").str.contains(named_in_text(patient_id)).fill_null(value=False)
    left[MARKS.name] = left[MARKS.name].with_columns(note=pl.when(~named).then("note"))
    theirs = [
        tables[frame.name].filter(pl.col(PATIENT) == patient_id).select(table_name=pl.lit(table), source_id=column)
        for frame in KEPT if frame.name in IDS for table, column in (IDS[frame.name],)
    ]  # fmt: skip
    ids = pl.concat(theirs).unique()
    left[ROW_NOTES.name] = tables[ROW_NOTES.name].join(ids, on=ids.columns, how="anti", maintain_order="left")
    doses = ids.filter(pl.col("table_name") == "drug_exposures").select(exposure_id="source_id")
    left[UNKNOWN_DOSES.name] = tables[UNKNOWN_DOSES.name].join(
        doses, on="exposure_id", how="anti", maintain_order="left"
    )
    today = left["status_to_date"].select(EPISODE, "days_covered")
    episodes = left["episodes"].drop("days_covered").join(today, on=EPISODE, how="left")
    counted = measures(episodes, left["findings"], guideline)
    left[MEASURES.name] = counted.sort(MEASURES.keys)
    return left


def _left(table: pl.DataFrame, patient_id: str) -> pl.DataFrame:
    """Return a table without the rows that name a person, or an episode of theirs."""
    theirs = pl.lit(value=False)
    if PATIENT in table.columns:
        theirs |= pl.col(PATIENT) == patient_id
    for column in {EPISODE, BEFORE} & set(table.columns):
        theirs |= _is_theirs(pl.col(column), patient_id)
    return table.filter(~theirs.fill_null(value=False))


def _is_theirs(episode: pl.Expr, patient_id: str) -> pl.Expr:
    """Return whether an episode's id is of a person."""
    return episode.str.contains(ID_ENDS) & (episode.str.replace(ID_ENDS, "") == patient_id)


def _emptied(rejects: pl.DataFrame, patient_id: str) -> pl.DataFrame:
    """Return the rejected rows with those that name a person emptied."""
    as_json = json.dumps(patient_id, ensure_ascii=False)[1:-1]
    theirs = pl.col("row").str.contains(named_in_text(as_json)) | (pl.col("source_id") == patient_id)
    kept = pl.when(~theirs.fill_null(value=False))
    return rejects.with_columns(kept.then("source_id").alias("source_id"), kept.then("row").alias("row"))
