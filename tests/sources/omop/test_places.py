"""Where a CDM can be: a folder however its files are named, or a DuckDB file. The same rows come of each."""

import gzip
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.errors import Refused, Usage
from flows.given import Given
from flows.sources import source
from flows.sources.databases import duckdb_file
from tests.sources import look
from tests.sources.omop.cdm import CONDITION, DRUG, LOOKUPS, MEASUREMENT, PERIOD, PERSON, cdm, typed

CONTRACT = ("patients", "lab_results", "drug_exposures", "clinical_events", "inpatient_stays")
SHARED = Path(__file__).parents[3].parent / "shared" / "data"


def carried(given: Given, work: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of the contract as text, days without a time: what every route must agree on."""
    with look.at(given, work) as received:
        return {table: [seen(row) for row in look.rows(received, table)] for table in CONTRACT}


def seen(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(plain(name, value) for name, value in row.items())


def plain(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name.endswith(("_date", "_at", "_on", "_start", "_end")):
        return str(value)[:10]
    return float(value) if name in ("birth_year", "days_supply", "reference_low", "reference_high") else value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a small CDM with more than one row in most tables."""
    return cdm(
        tmp_path / "cdm",
        person=[PERSON, PERSON | {"person_id": "2"}],
        observation_period=[PERIOD, PERIOD | {"person_id": "2"}],
        drug_exposure=[DRUG, DRUG | {"drug_exposure_id": "12", "sig": "50 mg every other day", "quantity": ""}],
        measurement=[
            MEASUREMENT | {"measurement_id": f"{one}", "value_as_number": f"{one}.5"} for one in range(21, 31)
        ],
        condition_occurrence=[CONDITION, CONDITION | {"condition_occurrence_id": "32"}],
        concept=[{"concept_id": "5", "concept_name": "a name, with a comma", "vocabulary_id": "LOINC"}],
    )


def test_csv_and_parquet_give_the_same_rows(folder: Path, tmp_path: Path) -> None:
    from_csv = carried(Given("omop", str(folder)), tmp_path / "a")
    assert [len(rows) for rows in from_csv.values()] == [2, 10, 2, 3, 1]
    assert carried(Given("omop", str(typed(folder, tmp_path / "typed"))), tmp_path / "b") == from_csv


def test_names_of_files_and_columns_may_be_in_any_case(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for place, path in enumerate(sorted(folder.glob("*.csv"))):
        header, rest = path.read_text().split("\n", 1)
        text = f"{header.upper()}\n{rest}"
        if place % 3 == 0:
            (other / f"{path.stem.upper()}.CSV").write_text(text)
        elif place % 3 == 1:
            (other / f"{path.stem.title()}.csv.gz").write_bytes(gzip.compress(text.encode()))
        else:  # a folder of parts
            (other / path.stem.upper()).mkdir()
            (other / path.stem.upper() / "part-1.csv").write_text(text)
    assert carried(Given("omop", str(other)), tmp_path / "b") == carried(Given("omop", str(folder)), tmp_path / "a")


def test_parquet_in_capitals_is_parquet(folder: Path, tmp_path: Path) -> None:
    for path in typed(folder, tmp_path / "typed").iterdir():
        path.rename(path.with_suffix(".PARQUET"))
    expected = carried(Given("omop", str(folder)), tmp_path / "a")
    assert carried(Given("omop", str(tmp_path / "typed")), tmp_path / "b") == expected


def test_vocabularies_come_with_tabs(folder: Path, tmp_path: Path) -> None:
    columns = list(LOOKUPS["concept"])
    row = ["2000000001", "Alanine, with a comma", "LOINC", "1742-6"]
    (folder / "concept.csv").write_text("\n".join("\t".join(line) for line in (columns, row)) + "\n")
    with look.at(Given("omop", str(folder)), tmp_path) as received:
        assert received.warehouse.rows("SELECT * EXCLUDE (row_number) FROM source.concept") == [tuple(row)]


def test_a_line_that_is_no_row_is_rejected_and_counted(folder: Path, tmp_path: Path) -> None:
    with (folder / "measurement.csv").open("a") as out:
        out.write("999,1\n")
    with look.at(Given("omop", str(folder)), tmp_path) as received:
        assert [(row["source_table"], row["reason"]) for row in look.rejects(received)] == [
            ("measurement", "malformed_line")
        ]
        assert ("measurement", None, "rejected", "malformed_line", 1) in look.account(received)


def test_two_forms_of_one_table_are_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "person.csv", folder / "PERSON.CSV")
    with pytest.raises(Refused, match="person comes in two forms"), look.at(Given("omop", str(folder)), tmp_path):
        pass


# A DuckDB file.


def stored(folder: Path, file: Path, *schemas: str, names: str = "{}") -> Path:
    """Store the tables of a folder in each of the schemas of a DuckDB file."""
    with duckdb.connect(str(file)) as connection:
        for schema in schemas:
            connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
            for path in folder.glob("*.parquet"):
                name = names.format(path.stem)
                connection.execute(f'CREATE TABLE "{file.stem}"."{schema}"."{name}" AS FROM \'{path}\'')
    return file


@pytest.fixture
def parquet(folder: Path, tmp_path: Path) -> Path:
    return typed(folder, tmp_path / "typed")


def test_a_duckdb_file_gives_the_same_rows(folder: Path, parquet: Path, tmp_path: Path) -> None:
    expected = carried(Given("omop", str(folder)), tmp_path / "a")
    file = stored(parquet, tmp_path / "one.duckdb", "CDM 5", names="{}")
    before = file.read_bytes()
    assert carried(Given("omop", str(file)), tmp_path / "b") == expected
    assert file.read_bytes() == before


def test_the_file_is_in_the_manifest_with_its_rows_and_is_free_again_after_the_run(
    parquet: Path, tmp_path: Path
) -> None:
    file = stored(parquet, tmp_path / "one.duckdb", "main")
    with look.at(Given("omop", str(file)), tmp_path) as received:
        [said] = received.files()
    assert (said["table"], said["bytes"], said["rows"]) == ("database", file.stat().st_size, 21)
    assert len(said["sha256"]) == 64
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE free (again INTEGER)")


def test_a_table_in_two_schemas_is_refused_until_one_is_named(folder: Path, parquet: Path, tmp_path: Path) -> None:
    file = stored(parquet, tmp_path / "one.duckdb", "new", "old")
    with pytest.raises(Refused) as caught, look.at(Given("omop", str(file)), tmp_path):
        pass
    assert str(caught.value) == "source omop: the DuckDB file: person stands twice; say which by ?schema="
    assert caught.value.names == "new.PERSON, old.PERSON"
    expected = carried(Given("omop", str(folder)), tmp_path / "a")
    assert carried(Given("omop", f"{file}?schema=OLD"), tmp_path / "b") == expected


def test_the_first_named_schema_that_has_a_table_is_taken(folder: Path, parquet: Path, tmp_path: Path) -> None:
    file = stored(parquet, tmp_path / "one.duckdb", "cdm", "vocabulary")
    with duckdb.connect(str(file)) as connection:
        connection.execute("DROP TABLE cdm.CONCEPT; DELETE FROM vocabulary.PERSON; DROP TABLE vocabulary.MEASUREMENT")
    with look.at(Given("omop", f"{file}?schema=cdm,vocabulary"), tmp_path / "a") as received:
        assert len(look.rows(received, "patients")) == 2
        assert received.warehouse.number("SELECT count(*) FROM source.concept") == 1
    only = Given("omop", f"{file}?schema=vocabulary")
    with pytest.raises(Refused, match="the table measurement is missing"), look.at(only, tmp_path / "b"):
        pass


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("?schema=none", "the DuckDB file: there is no schema none, or no table is in it"),
        ("?schema=main,none", "the DuckDB file: there is no schema none, or no table is in it"),
    ],
)
def test_a_schema_that_is_not_there(query: str, line: str, parquet: Path, tmp_path: Path) -> None:
    file = stored(parquet, tmp_path / "one.duckdb", "main")
    with pytest.raises(Refused) as caught, look.at(Given("omop", f"{file}{query}"), tmp_path):
        pass
    assert str(caught.value) == f"source omop: {line}"


def test_a_view_of_a_file_that_is_gone(parquet: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.duckdb"
    with duckdb.connect(str(file)) as connection:
        for path in parquet.iterdir():
            connection.execute(f"CREATE VIEW {path.stem} AS FROM '{path}'")
    (parquet / "MEASUREMENT.parquet").unlink()
    with pytest.raises(Refused) as caught, look.at(Given("omop", str(file)), tmp_path):
        pass
    assert (
        str(caught.value) == "source omop: the DuckDB file: measurement cannot be read (a view of what is not there?)"
    )


WRITER = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"


def test_a_file_that_a_writer_holds(parquet: Path, tmp_path: Path) -> None:
    file = stored(parquet, tmp_path / "one.duckdb", "main")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", WRITER, str(file)], **pipes) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == b"open\n"
        with pytest.raises(Refused) as caught, look.at(Given("omop", str(file)), tmp_path):
            pass
    assert str(caught.value) == "source omop: the DuckDB file is held by a program that may write to it"


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing of the kind\n" * 1000)
    with pytest.raises(Refused) as caught, look.at(Given("omop", str(tmp_path / "notes.txt")), tmp_path):
        pass
    assert str(caught.value) == "source omop: the DuckDB file is not readable as a DuckDB file"


def test_a_place_that_is_none(tmp_path: Path) -> None:
    nowhere = Given("omop", str(tmp_path / "nowhere"))
    with pytest.raises(Usage, match="is no folder, no DuckDB file and no postgresql:// address"):
        source(nowhere)


@pytest.mark.parametrize(
    "location",
    [
        "postgres+psycopg://reader:hunter2@db.example/omop",
        "reader:hunter2@db.example/omop",
        "host=db.example PASSWORD=hunter2",
        "jdbc://db.example/omop?user=reader&key=hunter2",
        "nowhere?schema=cdm&password=hunter2",
    ],
)
def test_an_address_that_is_none_is_not_shown(location: str) -> None:
    with pytest.raises(Usage) as caught:
        duckdb_file.Place.of(location)
    told = "source omop: the location is no folder, no DuckDB file and no postgresql:// address"
    assert str(caught.value) == told


# Real data, where they are.


@pytest.mark.skipif(not (SHARED / "omop-synthea27nj").is_dir(), reason="omop-synthea27nj is not on this machine")
def test_synthea27nj_gives_the_same_rows_as_csv_and_as_parquet(tmp_path: Path) -> None:
    by_csv = carried(Given("omop", str(SHARED / "omop-synthea27nj" / "csv")), tmp_path / "a")
    by_parquet = carried(Given("omop", str(SHARED / "omop-synthea27nj" / "parquet")), tmp_path / "b")
    assert [len(rows) for rows in by_csv.values()] == [28, 10_040, 883, 2_119, 13]
    assert by_parquet == by_csv


@pytest.mark.skipif(not (SHARED / "omop-gibleed").is_dir(), reason="omop-gibleed is not on this machine")
def test_gibleed_is_read_though_its_ids_are_floats(tmp_path: Path) -> None:
    with look.at(Given("omop", str(SHARED / "omop-gibleed")), tmp_path) as received:
        assert not look.rejects(received)
        rows = {table: received.warehouse.number(f"SELECT count(*) FROM received.{table}") for table in CONTRACT}
        assert list(rows.values()) == [2_694, 44_053, 67_707, 102_741, 1_037]
        ids = received.warehouse.rows(
            "SELECT result_id FROM received.lab_results WHERE NOT regexp_full_match(result_id, '\\d+')"
        )
        assert ids == []
        assert received.warehouse.rows("SELECT DISTINCT matched_by FROM reference.derived_codes ORDER BY 1") == [
            ("ancestor",),
            ("codings",),
        ]
