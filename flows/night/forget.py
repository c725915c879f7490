"""Forget a person (history.md section 4): leave them out from now on, and take them out of all that a home keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from audit.guideline import Guideline
from flows import audit_log, exclusions, marks
from flows.errors import Usage
from flows.night.lock import exclusive
from flows.pages import facts_of, render_report
from flows.release import CURRENT, Rewritten, sweep, without

DID = "erase"


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done to forget a person: releases written anew, and marks taken out."""

    releases: Rewritten
    marks: int


def erase(home: Path, patient_id: str) -> Erased:
    """Forget a person, under the lock of the home; asked again after a killed run, it completes what was begun.

    The exclusion comes first: whatever happens then, no later night takes the person in.
    """
    patient_id = patient_id.strip()
    if not patient_id:
        raise Usage("an empty id names nobody")
    if not (home / CURRENT).is_symlink():
        raise Usage("this home holds no release yet")
    with exclusive(home):
        sweep(home)
        exclusions.add(home, patient_id)
        forgotten = marks.forget(home, patient_id)
        done = Erased(without(home, patient_id, pages), forgotten)
        exclusions.finish(home, patient_id)
        audit_log.note(home, DID, releases=done.releases.anew, removed=done.releases.removed)
    return done


def pages(tables: Mapping[str, pl.DataFrame], guideline: Guideline, said: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the pages of a release that tell of people, made anew from its tables."""
    return {"report.html": render_report(facts_of(tables, guideline, said))}
