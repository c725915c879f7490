"""Small CDMs for the tests: rows as dicts, one good row for each table that is not given."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import polars as pl

from flows.given import Given
from flows.intake.received import Received
from tests.flows.extracts import write_csv
from tests.sources import look

Rows = Sequence[Mapping[str, Any]]

PERSON = {"person_id": "1", "gender_concept_id": "8532", "year_of_birth": "1970", "care_site_id": "7"}
PERIOD = {
    "observation_period_id": "1",
    "person_id": "1",
    "observation_period_start_date": "2020-01-01",
    "observation_period_end_date": "2024-01-31",
}
DRUG = {
    "drug_exposure_id": "11",
    "person_id": "1",
    "drug_concept_id": "19014880",
    "drug_exposure_start_date": "2022-01-01",
    "drug_exposure_end_date": "2022-01-30",
    "verbatim_end_date": "",
    "stop_reason": "",
    "quantity": "30",
    "days_supply": "30",
    "sig": "",
    "drug_source_value": "",
    "drug_source_concept_id": "0",
    "route_source_value": "PO",
    "visit_occurrence_id": "",
}
MEASUREMENT = {
    "measurement_id": "21",
    "person_id": "1",
    "measurement_concept_id": "3006923",
    "measurement_date": "2022-02-01",
    "measurement_datetime": "2022-02-01 00:00:00",
    "operator_concept_id": "0",
    "value_as_number": "55",
    "unit_concept_id": "8645",
    "range_low": "5",
    "range_high": "40",
    "measurement_source_value": "",
    "measurement_source_concept_id": "0",
    "unit_source_value": "",
    "value_source_value": "",
}
CONDITION = {
    "condition_occurrence_id": "31",
    "person_id": "1",
    "condition_concept_id": "31967",
    "condition_start_date": "2022-03-01",
    "condition_source_value": "",
    "condition_source_concept_id": "0",
}
PROCEDURE = {
    "procedure_occurrence_id": "31",
    "person_id": "1",
    "procedure_concept_id": "0",
    "procedure_date": "2022-03-02",
    "procedure_source_value": "",
    "procedure_source_concept_id": "0",
}
VISIT = {
    "visit_occurrence_id": "41",
    "person_id": "1",
    "visit_concept_id": "9201",
    "visit_start_date": "2022-01-10",
    "visit_end_date": "2022-01-20",
}
BASE = {
    "person": [PERSON],
    "observation_period": [PERIOD],
    "drug_exposure": [DRUG],
    "measurement": [MEASUREMENT],
    "condition_occurrence": [CONDITION],
    "procedure_occurrence": [PROCEDURE],
    "visit_occurrence": [VISIT],
}
LOOKUPS = {
    "concept": {"concept_id": "", "concept_name": "", "vocabulary_id": "", "concept_code": ""},
    "concept_ancestor": {"ancestor_concept_id": "", "descendant_concept_id": ""},
    "drug_strength": dict.fromkeys(
        (
            *("drug_concept_id", "ingredient_concept_id", "amount_value", "amount_unit_concept_id"),
            *("numerator_value", "numerator_unit_concept_id", "denominator_value", "denominator_unit_concept_id"),
            "invalid_reason",
        ),
        "",
    ),
}


def cdm(folder: Path, **tables: Rows | None) -> Path:
    """Write a CDM as CSV; rows are completed by those of LOOKUPS or BASE; None leaves a table out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in {**BASE, **tables}.items():
        if rows is not None:
            base = LOOKUPS.get(name) or (BASE[name][0] if name in BASE else {})
            write_csv(folder / f"{name}.csv", [{**base, **row} for row in rows])
    return folder


def typed(folder: Path, to: Path, **options: Any) -> Path:
    """Write a CDM again as Parquet, numbers as numbers and days as days."""
    to.mkdir()
    for path in folder.glob("*.csv"):
        pl.read_csv(path, try_parse_dates=True, infer_schema_length=None, **options).write_parquet(
            to / f"{path.stem.upper()}.parquet"
        )
    return to


def read(tmp_path: Path, only: str | None = None, **tables: Rows | None) -> AbstractContextManager[Received]:
    """Return a small CDM as it was received; `only`: a table of the contract, without the others."""
    return look.at(Given("omop", str(cdm(tmp_path / "cdm", **tables))), tmp_path, only=only)


def drugs(tmp_path: Path, changes: Rows, **tables: Rows | None) -> list[dict[str, Any]]:
    """Return what became of drug exposures that differ from the good one as said."""
    return _carried(tmp_path, "drug_exposure", "drug_exposures", changes, tables)


def labs(tmp_path: Path, changes: Rows, **tables: Rows | None) -> list[dict[str, Any]]:
    """Return what became of measurements that differ from the good one as said."""
    return _carried(tmp_path, "measurement", "lab_results", changes, tables)


def events(tmp_path: Path, changes: Rows, **tables: Rows | None) -> list[dict[str, Any]]:
    """Return what became of conditions that differ from the good one as said."""
    return _carried(tmp_path, "condition_occurrence", "clinical_events", changes, tables)[: len(changes)]


def drug(tmp_path: Path, change: Mapping[str, Any], **tables: Rows | None) -> dict[str, Any]:
    """Return what became of one drug exposure."""
    [row] = drugs(tmp_path, [change], **tables)
    return row


def _carried(
    tmp_path: Path, name: str, to: str, changes: Rows, tables: Mapping[str, Rows | None]
) -> list[dict[str, Any]]:
    with read(tmp_path, to, **{name: changes, **tables}) as received:
        assert not look.rejects(received)
        return look.rows(received, to)


def coded(row: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return the code of a row with its vocabulary."""
    return row["vocabulary"], row["code"]
