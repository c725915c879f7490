"""A live PostgreSQL database: read as of one moment, streamed, with the same result as from files."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from flows.errors import Refused
from flows.given import Given
from flows.references.bound import refer
from flows.sample import EXTRACTED_ON, write_sample
from flows.sources.databases import postgres
from tests.sources import look
from tests.sources.omop.cdm import cdm, typed
from tests.sources.omop.cluster import OWNER, PASSWORD, Cluster, binaries, free_port, running
from tests.sources.omop.export import export
from tests.sources.omop.test_places import SHARED, carried
from tests.sources.omop.test_round_trip import judged

PROGRAMS = binaries()
pytestmark = pytest.mark.skipif(PROGRAMS is None, reason="PostgreSQL is not installed here (no initdb found)")


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    assert PROGRAMS is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", PASSWORD)
        with running(PROGRAMS) as cluster:
            yield cluster


@pytest.fixture(scope="module")
def files(server: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small CDM in files, which the server has in the schema cdm."""
    folder = tmp_path_factory.mktemp("files")
    cdm(folder / "csv", concept=[{"concept_id": "5", "vocabulary_id": "LOINC", "concept_code": "1742-6"}])
    server.load(typed(folder / "csv", folder / "parquet"), "cdm")
    return folder / "csv"


def refused(address: str, work: Path) -> str:
    """Return the one line that refuses a database; it never names the user."""
    with pytest.raises(Refused) as caught, look.at(Given("omop", address), work):
        pass
    line = str(caught.value)
    assert "\n" not in line
    assert OWNER not in line and PASSWORD not in line and "stranger" not in line
    return line


def test_the_same_rows_come_of_the_database_and_of_the_files(server: Cluster, files: Path, tmp_path: Path) -> None:
    expected = carried(Given("omop", str(files)), tmp_path / "a")
    assert [len(rows) for rows in expected.values()] == [1, 1, 1, 2, 1]
    assert carried(Given("omop", server.address("cdm")), tmp_path / "b") == expected


def test_a_sample_gives_the_same_findings_from_the_database_and_from_the_files(server: Cluster, tmp_path: Path) -> None:
    write_sample(150, 4, tmp_path / "native", clean=True)
    folder = export(tmp_path / "native", tmp_path / "cdm", EXTRACTED_ON)
    server.load(folder, "sample")
    by = refer("dr-oracle-2025", None, (tmp_path / "cdm.codelists",))
    from_files = judged(Given("omop", str(folder)), tmp_path / "a", by)
    from_server = judged(Given("omop", server.address("sample")), tmp_path / "b", by)
    assert from_files.findings.height > 100
    for name in ("findings", "episodes", "slots", "breaks", "evidence"):
        assert_frame_equal(getattr(from_server, name), getattr(from_files, name))


@pytest.mark.skipif(not (SHARED / "omop-synthea27nj").is_dir(), reason="omop-synthea27nj is not on this machine")
def test_synthea27nj_comes_back_from_the_database_as_it_is_in_the_files(server: Cluster, tmp_path: Path) -> None:
    server.load(SHARED / "omop-synthea27nj" / "parquet", "synthea")
    by_csv = carried(Given("omop", str(SHARED / "omop-synthea27nj" / "csv")), tmp_path / "a")
    assert carried(Given("omop", server.address("synthea")), tmp_path / "b") == by_csv


def test_the_manifest_lists_what_was_read_and_the_copies_go_away(server: Cluster, files: Path, tmp_path: Path) -> None:
    with look.at(Given("omop", server.address("cdm")), tmp_path) as received:
        told = {one["table"]: one for one in received.files()}
        copies = {path.stem: path for path in (tmp_path / "work" / "source").iterdir()}
        assert set(copies) == set(told)
        person = told["person"]
        assert (person["rows"], person["bytes"]) == (1, copies["person"].stat().st_size)
        assert len(person["sha256"]) == 64
    assert not (tmp_path / "work" / "source").exists()


def test_a_large_table_is_streamed_in_batches(
    server: Cluster, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = 120_000
    server.run(
        "CREATE SCHEMA large",
        *(
            f"CREATE TABLE large.{name} AS TABLE cdm.{name}"
            for name in ("person", "observation_period", "drug_exposure")
        ),
        "CREATE TABLE large.measurement AS SELECT n AS measurement_id, 1 AS person_id, "
        "3006923 AS measurement_concept_id, "
        f"DATE '2022-01-01' AS measurement_date, n % 90 + 1 AS value_as_number FROM generate_series(1, {rows}) AS n",
    )
    monkeypatch.setattr(postgres, "BATCH_BYTES", 2**20)
    with look.at(Given("omop", server.address("large")), tmp_path) as received:
        copy = pq.ParquetFile(tmp_path / "work" / "source" / "measurement.parquet").metadata
        sizes = [copy.row_group(place).num_rows for place in range(copy.num_row_groups)]
        assert sum(sizes) == rows == received.warehouse.number("SELECT count(*) FROM received.lab_results")
    assert len(sizes) >= 4
    assert max(sizes) < rows / 3


def between_tables(monkeypatch: pytest.MonkeyPatch, act: Callable[[Any], None]) -> None:
    """Do something once, when the first table has been copied."""
    copy, done = postgres._copy, []

    def then(connection: Any, query: str, to: Path) -> None:
        copy(connection, query, to)
        if not done:
            done.append(to)
            act(connection)

    monkeypatch.setattr(postgres, "_copy", then)


def test_all_tables_are_of_one_moment(
    server: Cluster, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.run("CREATE SCHEMA moving", *(f"CREATE TABLE moving.{name} AS TABLE cdm.{name}" for name in tables(files)))
    between_tables(monkeypatch, lambda _: server.run("DELETE FROM moving.measurement"))
    with look.at(Given("omop", server.address("moving")), tmp_path / "a") as received:
        assert len(look.rows(received, "lab_results")) == 1
    monkeypatch.undo()
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with look.at(Given("omop", server.address("moving")), tmp_path / "b") as received:
        assert look.rows(received, "lab_results") == []


def test_nothing_can_be_written(server: Cluster, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(connection: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM cdm.person")

    between_tables(monkeypatch, write)
    line = refused(server.address("cdm"), tmp_path)
    assert line.endswith("broke off while the table person was read")


def tables(files: Path) -> list[str]:
    return [path.stem for path in files.glob("*.csv")]


def test_types_and_names_are_read_however_the_site_has_them(server: Cluster, files: Path, tmp_path: Path) -> None:
    server.run(
        'CREATE SCHEMA "Odd"',
        *(f'CREATE TABLE "Odd".{name} AS TABLE cdm.{name}' for name in ("person", "observation_period")),
        'CREATE TABLE "Odd"."DRUG_EXPOSURE" AS SELECT drug_exposure_id AS "DRUG_EXPOSURE_ID", '
        'person_id AS "Person_Id", '
        "drug_concept_id, CAST('2022-01-01' AS timestamptz) AS drug_exposure_start_date, "
        "CAST('infinity' AS date) AS drug_exposure_end_date, CAST(30 AS numeric(10, 2)) AS days_supply, "
        "CAST('a note' AS text) AS something_else FROM cdm.drug_exposure",
        'CREATE VIEW "Odd".measurement AS SELECT CAST(measurement_id AS text) AS measurement_id, '
        "CAST(person_id AS varchar(50)) AS person_id, CAST(measurement_concept_id AS numeric(20, 3)) AS "
        "measurement_concept_id, CAST(measurement_date AS text) AS measurement_date, "
        "CAST(3.3 AS real) AS value_as_number, "
        "CAST('<40' AS text) AS range_high, CAST(5 AS numeric) AS range_low FROM cdm.measurement",
    )
    with look.at(Given("omop", server.address("odd")), tmp_path) as received:
        [row] = look.rows(received, "lab_results")
        assert (row["result_id"], row["patient_id"], row["code"], row["value"]) == ("21", "1", "3006923", 3.3)
        assert (row["collected_at"], row["reference_low"], row["reference_high"]) == ("2022-02-01", 5.0, "<40")
        [row] = look.rows(received, "drug_exposures")
        assert (row["exposure_id"], row["patient_id"], row["end_type"], row["days_supply"]) == (
            "11",
            "1",
            "ongoing",
            30.0,
        )
        asked = pq.read_schema(tmp_path / "work" / "source" / "drug_exposure.parquet").names
        assert "something_else" not in asked and "DRUG_EXPOSURE_ID" in asked


def test_a_table_in_two_schemas_is_refused_until_one_is_named(server: Cluster, files: Path, tmp_path: Path) -> None:
    server.run("CREATE SCHEMA IF NOT EXISTS twice", "CREATE TABLE twice.person AS TABLE cdm.person")
    line = refused(server.address(), tmp_path)
    assert line.endswith(": person stands twice; say which by ?schema=")


def test_a_schema_or_a_table_that_is_not_there(server: Cluster, files: Path, tmp_path: Path) -> None:
    shown = f"source omop: postgresql://127.0.0.1:{server.port}/postgres"
    assert refused(server.address("none"), tmp_path) == f"{shown}: there is no schema none, or no table is in it"
    server.run("CREATE SCHEMA poor", "CREATE TABLE poor.person AS TABLE cdm.person")
    assert refused(server.address("poor"), tmp_path) == f"{shown}: the table observation_period is missing"


def test_a_user_who_may_not_read(server: Cluster, files: Path, tmp_path: Path) -> None:
    server.run(f"CREATE ROLE stranger LOGIN PASSWORD '{PASSWORD}'", "GRANT USAGE ON SCHEMA cdm TO stranger")
    server.run("GRANT SELECT ON cdm.person TO stranger")
    line = refused(server.address("cdm", user="stranger"), tmp_path)
    assert line.endswith("does not let this user read the table observation_period")


def test_a_server_that_is_not_there_or_lets_nobody_in(
    server: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    why = "is not reachable, or does not let this user in"
    port = free_port()
    assert refused(server.address(port=port), tmp_path) == f"source omop: postgresql://127.0.0.1:{port}/postgres {why}"
    monkeypatch.setenv("PGPASSWORD", "wrong")
    assert refused(server.address("cdm"), tmp_path).endswith(why)
