"""What the tests of intake_rows share."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from extracts import (
    EVENT,
    EXPOSURE,
    PATIENT,
    RESULT,
    STAY,
    extract,
    take,
)

from flows.intake.steps import Intake

GOOD = {
    "patients": PATIENT,
    "drug_exposures": EXPOSURE,
    "lab_results": RESULT,
    "clinical_events": EVENT,
    "inpatient_stays": STAY,
}


def take_rows(tmp_path: Path, table: str, *changes: dict[str, Any], **options: Any) -> Intake:
    """Take in the good row of a table, and rows that differ from it as said."""
    return take_tables(tmp_path, {table: changes}, **options)


def take_tables(tmp_path: Path, changes: Mapping[str, Sequence[dict[str, Any]]], **options: Any) -> Intake:
    """Take in the good row of each table, and rows that differ from it as said."""
    return take(
        extract(tmp_path / "extract", **{name: differing(name, rows) for name, rows in changes.items()}), **options
    )


def differing(table: str, changes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the good row of a table, and rows that differ from it as said, each with an id of its own."""
    good = GOOD[table]
    key = next(iter(good))
    columns = {name: None for change in changes for name in change}
    rows = [columns | {**good, key: f"{table}{place}"} | change for place, change in enumerate(changes, start=1)]
    return [columns | good, *rows]


def named(cases: Iterable[str], rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return results with the names of their cases as ids."""
    return [{**row, "result_id": case} for case, row in zip(cases, rows, strict=True)]


def of_their_own(people: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of these patients, who took the audited drug each."""
    ids = dict.fromkeys(one["patient_id"] for one in people)
    exposures = [{**EXPOSURE, "exposure_id": f"x-{one}", "patient_id": one} for one in ids]
    others = {"lab_results": RESULT, "clinical_events": EVENT, "inpatient_stays": STAY}
    columns = {name: None for one in people for name in one}
    return {
        "patients": [columns | PATIENT | one for one in people],
        "drug_exposures": exposures,
        **{name: [{**row, "patient_id": next(iter(ids))}] for name, row in others.items()},
    }
