"""What the tests of intake_rows share."""

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
    good = GOOD[table]
    key = next(iter(good))
    columns = {name: None for change in changes for name in change}
    rows = [columns | {**good, key: f"{table}{place}"} | change for place, change in enumerate(changes, start=1)]
    return take(extract(tmp_path / "extract", **{table: [columns | good, *rows]}), **options)
