"""For every way in: SQL among the data is never run, and a column named as one of DuckDB's own shadows nothing."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl
import pytest

from expectations import TABLES
from flows.errors import Usage
from flows.given import Given
from flows.intake.tables import VIRTUAL
from tests.sources.ways import WAYS, as_parquet, content, refusals, take

SQL = ("macros", "codes", "several_codings", "dosage_texts", "concepts", "load", *(table.name for table in TABLES))
STRANGERS = sorted([*VIRTUAL, "rowid", "row_number", "source_table", "left_out", "rejected", "file", "resourceType_"])


@cache
def plain(way: str) -> dict[str, Any]:
    """Return what comes of the input as it is written."""
    with TemporaryDirectory() as folder:
        return content(take(WAYS[way](Path(folder) / "in"), Path(folder) / "work"))


def folder_of(given: Given) -> Path:
    return given.path if given.path.is_dir() else given.path.parent


@pytest.mark.parametrize("way", [way for way in WAYS if not way.endswith(" parquet")])
def test_sql_among_the_data_is_never_run(tmp_path: Path, way: str) -> None:
    given, ran = WAYS[way](tmp_path / "in"), tmp_path / "ran"
    for folder in (folder_of(given), folder_of(given) / "sql" / "sources" / given.kind):
        folder.mkdir(parents=True, exist_ok=True)
        for name in (*SQL, ".duckdbrc"):
            (folder / f"{name}.sql").write_text(f"COPY (SELECT 1 AS x) TO '{ran}'")
    if given.kind == "table":
        with pytest.raises(Usage, match="SQL is never run from the location"):
            take(given, tmp_path / "work")
    else:
        assert content(take(given, tmp_path / "work")) == plain(way)
    assert not ran.exists()


def add_strangers(folder: Path) -> None:
    """Add a column of each of the names to every file below a folder."""
    added = [pl.lit(700 + place).alias(name) for place, name in enumerate(STRANGERS)]
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix == ".csv":
            pl.read_csv(path.read_bytes(), infer_schema=False).with_columns(added).write_csv(path)
        elif path.suffix == ".parquet":
            as_parquet(path.with_suffix(".csv"), pl.read_parquet(path).with_columns(added))
        elif path.suffix == ".ndjson":
            more = {name: 700 + place for place, name in enumerate(STRANGERS)}
            lines = [json.dumps(json.loads(line) | more) for line in path.read_text().splitlines()]
            path.write_text("\n".join(lines) + "\n")
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path)) as connection:
                for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                    for place, column in enumerate(STRANGERS):
                        connection.execute(f'ALTER TABLE {name} ADD COLUMN "{column}" INTEGER DEFAULT {700 + place}')


@pytest.mark.parametrize("way", WAYS)
def test_a_column_named_as_one_of_our_own_or_of_duckdb_shadows_nothing(tmp_path: Path, way: str) -> None:
    given = WAYS[way](tmp_path / "in")
    add_strangers(tmp_path / "in")
    assert content(take(given, tmp_path / "work")) == plain(way)


def without_rows(folder: Path, stem: str) -> None:
    """Leave the header of a table alone."""
    [path] = folder.rglob(f"{stem}.*")
    if path.suffix == ".csv":
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    else:
        as_parquet(path.with_suffix(".csv"), pl.read_parquet(path).clear())


EMPTY = {
    "native": ("clinical_events", "inpatient_stays"),
    "omop": ("condition_occurrence", "procedure_occurrence", "visit_occurrence"),
    "mimic-iv": ("diagnoses_icd",),
}
REQUIRED = {
    "native": {"patients": "patients", "lab_results": "lab_results", "drug_exposures": "drug_exposures"},
    "omop": {"person": "patients", "measurement": "lab_results", "drug_exposure": "drug_exposures"},
    "mimic-iv": {"patients": "patients", "prescriptions": "drug_exposures"},
    "hl7v2": {"drug_exposures": "drug_exposures"},
    "table": {"patients": "patients", "lab_results": "lab_results", "drug_exposures": "drug_exposures"},
}
FILES = [way for way in WAYS if way != "omop duckdb"]
MISSING = [(way, stem, table) for way in FILES for stem, table in REQUIRED.get(way.split()[0], {}).items()]


@pytest.mark.parametrize("way", [way for way in FILES if way.split()[0] in EMPTY])
def test_an_optional_table_of_a_header_alone_is_there_and_empty(tmp_path: Path, way: str) -> None:
    given = WAYS[way](tmp_path / "in")
    for stem in EMPTY[given.kind]:
        without_rows(tmp_path / "in", stem)
    taken = take(given, tmp_path / "work")
    assert taken.staged.events is not None and taken.staged.events.is_empty()
    assert taken.staged.labs.height == len(plain(way)["labs"])
    if given.kind != "mimic-iv":
        assert taken.staged.stays is not None and taken.staged.stays.is_empty()
    assert not [
        note for note in taken.notes if "is missing" in note and any(stem in note for stem in EMPTY[given.kind])
    ]


@pytest.mark.parametrize(("way", "stem", "table"), MISSING)
def test_a_required_table_of_a_header_alone_is_refused(tmp_path: Path, way: str, stem: str, table: str) -> None:
    given = WAYS[way](tmp_path / "in")
    without_rows(tmp_path / "in", stem)
    assert f"{table}: the table has no rows" in refusals(given, tmp_path / "work")
