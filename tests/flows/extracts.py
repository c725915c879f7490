"""Small extracts for the tests of data in: rows as dicts, written as CSV or Parquet, taken in, looked at."""

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from audit.guideline import Guideline
from flows import sources
from flows.editions import load
from flows.intake import steps as intake
from flows.intake.steps import Intake
from flows.references import codelists
from flows.references.bound import References
from flows.references.site import Site

Rows = Sequence[Mapping[str, Any]]
AS_OF = date(2024, 6, 30)
EDITION = load()

PATIENT = {"patient_id": "p1", "sex": "F", "observation_start": "2020-01-01"}
EXPOSURE = {
    "exposure_id": "x1",
    "patient_id": "p1",
    "vocabulary": "concept",
    "code": "azathioprine",
    "start_date": "2024-01-01",
    "end_date": "2024-03-31",
    "daily_dose_mg": "100",
    "recorded_at": "2024-01-02",
}
RESULT = {
    "result_id": "r1",
    "patient_id": "p1",
    "collected_at": "2024-02-01",
    "vocabulary": "concept",
    "code": "alt",
    "value": "50",
    "comparator": None,
    "unit": "U/L",
    "reference_high": "40",
    "status": "final",
    "recorded_at": "2024-02-02 10:00:00",
}
EVENT = {
    "event_id": "e1",
    "patient_id": "p1",
    "event_date": "2024-02-03",
    "vocabulary": "concept",
    "code": "symptom_nausea",
    "recorded_at": "2024-02-04",
}
STAY = {"stay_id": "s1", "patient_id": "p1", "admitted_on": "2024-02-05", "discharged_on": "2024-02-06"}


def extract(folder: Path, **tables: Rows | None) -> Path:
    """Write an extract as CSV: the tables given, and one good row for each table that is not; None leaves one out."""
    base: dict[str, Rows | None] = {
        "patients": [PATIENT],
        "drug_exposures": [EXPOSURE],
        "lab_results": [RESULT],
        "clinical_events": [EVENT],
        "inpatient_stays": [STAY],
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (base | tables).items():
        if rows is not None:
            write_csv(folder / f"{name}.csv", rows)
    return folder


def described(tmp_path: Path, said: object, **tables: Rows | None) -> Path:
    """Write an extract with an extract.json: the text given, or what is given as JSON."""
    folder = extract(tmp_path / "extract", **tables)
    (folder / "extract.json").write_text(said if isinstance(said, str) else json.dumps(said), encoding="utf-8")
    return folder


def write_csv(path: Path, rows: Rows) -> None:
    """Write rows as CSV with the columns of the first; an absent value is an empty field."""
    with path.open("w", encoding="utf-8", newline="") as out:
        has_cr = any("\r" in str(value) for row in rows for value in row.values())  # which the writer would not quote
        quoting = csv.QUOTE_ALL if has_cr else csv.QUOTE_MINIMAL
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n", quoting=quoting)
        writer.writeheader()
        writer.writerows(rows)


def as_parquet(folder: Path, to: Path, types: Mapping[str, pl.DataType] | None = None) -> Path:
    """Write the CSV tables of an extract again as Parquet, with the types given by column name."""
    to.mkdir()
    for path in folder.glob("*.csv"):
        frame = pl.read_csv(path.read_bytes(), infer_schema=False)
        casts = [typed(name, kind) for name, kind in (types or {}).items() if name in frame.columns]
        frame.with_columns(casts).write_parquet(to / f"{path.stem}.parquet")
    return to


def typed(name: str, kind: pl.DataType) -> pl.Expr:
    """Return a column of text as another type."""
    if kind == pl.Date():
        return pl.col(name).str.to_date()
    return pl.col(name).str.to_datetime() if isinstance(kind, pl.Datetime) else pl.col(name).cast(kind)


lists_of = cache(codelists.load)


def references(guideline: Guideline = EDITION, site: Site | None = None, lists: Sequence[Path] = ()) -> References:
    """Return what rows are read and judged by."""
    loaded = lists_of(tuple(lists), (guideline.audited_drug, *guideline.other_thiopurines))
    return References(guideline, site or Site(), loaded)


def take(
    folder: Path,
    as_of: date | None = AS_OF,
    site: Site | None = None,
    guideline: Guideline = EDITION,
    lists: Sequence[Path] = (),
) -> Intake:
    """Take an extract in, without Great Expectations: the split is the same, and no limit stops it."""
    work = folder.parent / f"{folder.name}.work"
    by = references(guideline, site, lists)
    with sources.receive(folder, work, as_of, by) as received:
        return intake.stage(intake.settle(received, as_of, by))


def take_labs(tmp_path: Path, *changes: Mapping[str, Any], **options: Any) -> Intake:
    """Take in results that differ from the good one as said, each with an id of its own unless it is given."""
    rows = [{**RESULT, "result_id": f"r{place}", **change} for place, change in enumerate(changes, start=1)]
    columns = {key: None for row in rows for key in row}
    return take(extract(tmp_path / "extract", lab_results=[columns | row for row in rows]), **options)


def reasons(taken: Intake, table: str = "lab_results") -> dict[str, str]:
    """Return the reason of each rejected row of a table by the row's own id."""
    rows = taken.rejects.filter(pl.col("table_name") == table)
    return dict(rows.select("source_id", "reason").iter_rows())


def counts(taken: Intake, table: str = "lab_results") -> dict[str, int]:
    """Return what became of the rows of a table, without what became of none."""
    row = taken.conservation.filter(pl.col("table_name") == table).to_dicts()[0]
    return {name: number for name, number in row.items() if name != "table_name" and number}
