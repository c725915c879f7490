"""A small input for every way in: written below any folder, taken in as a run does, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from audit.frames import Staged
from flows import sources
from flows.given import NATIVE, Given
from flows.intake import steps as intake
from flows.intake.steps import Intake
from flows.references.bound import References
from flows.references.site import Site
from tests.flows import extracts
from tests.sources.fhir import bulk
from tests.sources.hl7v2 import made
from tests.sources.mimic_iv import hosp
from tests.sources.omop import cdm

AS_OF = date(2150, 12, 31)
TOML = """
[patients]
files = "patients.{form}"
columns = {{ patient_id = "patient_id", observation_start = "observation_start", sex = "sex" }}
[lab_results]
files = "lab_results.{form}"
[lab_results.columns]
result_id = "result_id"
patient_id = "patient_id"
collected_at = "collected_at"
vocabulary = "vocabulary"
code = "code"
value = "value"
unit = "unit"
[drug_exposures]
files = "drug_exposures.{form}"
[drug_exposures.columns]
exposure_id = "exposure_id"
patient_id = "patient_id"
vocabulary = "vocabulary"
code = "code"
start_date = "start_date"
end_date = "end_date"
"""


def native(folder: Path) -> Given:
    """Write an extract of the contract."""
    return Given(NATIVE, str(extracts.extract(folder)))


def omop(folder: Path) -> Given:
    """Write a CDM as CSV."""
    return Given("omop", str(cdm.cdm(folder)))


def omop_duckdb(folder: Path) -> Given:
    """Write a CDM as one DuckDB file."""
    cdm.cdm(folder)
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA made")
        for path in sorted(folder.glob("*.csv")):
            frame = pl.read_csv(path.read_bytes(), infer_schema=False)
            path.unlink()
            connection.register("incoming", frame.to_arrow())
            connection.execute(f"CREATE TABLE made.{path.stem} AS SELECT * FROM incoming")
            connection.unregister("incoming")
        plain = Path("/tmp") / f"ways.{folder.stat().st_ino}.duckdb"  # DuckDB itself cannot write to every path
        plain.unlink(missing_ok=True)
        connection.execute(f"ATTACH '{plain}' AS out")
        for (name,) in connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'made'"
        ).fetchall():
            connection.execute(f"CREATE TABLE out.{name} AS FROM made.{name}")
        connection.execute("DETACH out")
    (folder / "cdm.duckdb").write_bytes(plain.read_bytes())
    plain.unlink()
    return Given("omop", str(folder / "cdm.duckdb"))


def fhir(folder: Path) -> Given:
    """Write a bulk export of two files."""
    bulk.write(folder, bulk.PATIENT, bulk.REQUEST, name="a.ndjson")
    return bulk.write(folder, bulk.OBSERVATION, bulk.CONDITION, bulk.ENCOUNTER, name="b.ndjson")


def hl7v2(folder: Path) -> Given:
    """Write message files beside the tables of the contract."""
    return made.folder(folder, a=made.message(), b=made.message(made.obx(f5="60"), obr=made.OBR.replace("F1", "F2")))


def mimic_iv(folder: Path) -> Given:
    """Write a folder hosp."""
    return hosp.hosp(folder / "hosp")


def table(folder: Path) -> Given:
    """Write a site's own columns as CSV, with the mapping.toml beside them."""
    extracts.extract(folder)
    (folder / "mapping.toml").write_text(TOML.format(form="csv"))
    return Given("table", str(folder))


def as_parquet(path: Path, frame: pl.DataFrame) -> None:
    """Write a table as Parquet in the place of its CSV, whatever stands in the path."""
    with path.with_suffix(".parquet").open("wb") as out:
        frame.write_parquet(out)
    path.unlink(missing_ok=True)


def in_parquet(write: Callable[[Path], Given]) -> Callable[[Path], Given]:
    """Return the writer of the same tables as Parquet."""

    def written(folder: Path) -> Given:
        given = write(folder)
        for path in sorted(given.path.glob("*.csv")):
            as_parquet(path, pl.read_csv(path.read_bytes(), infer_schema=False))
        if (toml := given.path / "mapping.toml").is_file():
            toml.write_text(TOML.format(form="parquet"))
        return given

    return written


WAYS: Mapping[str, Callable[[Path], Given]] = {
    "native": native,
    "native parquet": in_parquet(native),
    "omop": omop,
    "omop parquet": in_parquet(omop),
    "omop duckdb": omop_duckdb,
    "fhir": fhir,
    "hl7v2": hl7v2,
    "mimic-iv": mimic_iv,
    "mimic-iv parquet": in_parquet(mimic_iv),
    "table": table,
    "table parquet": in_parquet(table),
}


def references(lists: tuple[Path, ...] = ()) -> References:
    """Return what every way is read by."""
    return extracts.references(site=Site(time_zone="UTC"), lists=lists)


def take(given: Given, work: Path, lists: tuple[Path, ...] = ()) -> Intake:
    """Take a source in, without the counts of Great Expectations."""
    by = references(lists)
    with sources.receive(given, work, AS_OF, by) as received:
        return intake.stage(intake.settle(received, AS_OF, by))


def refusals(given: Given, work: Path) -> list[str]:
    """Return why a run would stop at the checks of a source."""
    by = references()
    with sources.receive(given, work, AS_OF, by) as received:
        return intake.check(received, AS_OF, by).refusals


def content(taken: Intake) -> dict[str, Any]:
    """Return what an audit sees of an input, and what became of every row of it."""
    frames = {one.name: getattr(taken.staged, one.name) for one in fields(Staged)}
    rows = {name: None if frame is None else frame.sort(pl.all()).rows() for name, frame in frames.items()}
    accounts = {name: getattr(taken, name).rows() for name in ("conservation", "source_rows", "unlisted")}
    return rows | accounts | {"rejects": taken.rejects.sort(pl.all()).rows()}
