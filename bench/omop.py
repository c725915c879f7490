"""`python -m bench.omop [ROWS]`: what it costs to read OMOP measurements, beside DuckDB's own reading of the file.

The source's read is everything up to the rows of the contract: received, mapped, each row accounted for, the file
hashed. Every stage runs in a process of its own. Read the ratios, not the seconds.
"""

import shutil
import sys
from pathlib import Path

import duckdb

from bench.__main__ import OUT, fresh, measured

PERSONS = 100_000
CONCEPTS = """
SELECT * FROM (VALUES
    (3006923, '1742-6', 8645, 40), (3013721, '1920-8', 8645, 40), (3035995, '6768-6', 8645, 120),
    (3024128, '1975-2', 8840, 1.2), (3024561, '1751-7', 8713, 5), (3000905, '6690-2', 8848, 11),
    (3024929, '777-3', 8848, 400), (3022217, '6301-6', 8523, 1.2)
) AS listed(concept_id, code, unit, high)
UNION ALL
SELECT 3030000 + range, (20000 + range) || '-7', 8753, 100 FROM range(192)
"""
ROWS = """
SELECT
    CAST(number + 1 AS INTEGER) AS measurement_id,
    CAST(hash(number) % {persons} + 1 AS INTEGER) AS person_id,
    concept_id AS measurement_concept_id,
    CAST(DATE '2015-01-01' + CAST(hash(number, 2) % 3650 AS INTEGER) AS DATE) AS measurement_date,
    CAST(measurement_date AS TIMESTAMP) + to_seconds(CAST(hash(number, 3) % 86400 AS BIGINT)) AS measurement_datetime,
    strftime(measurement_datetime, '%H:%M:%S') AS measurement_time,
    32856 AS measurement_type_concept_id,
    CASE WHEN number % 50 = 0 THEN 4171756 ELSE 4172703 END AS operator_concept_id,
    CAST(round(high * (0.2 + (hash(number, 4) % 1000) / 800.0), 1) AS DECIMAL(18, 3)) AS value_as_number,
    0 AS value_as_concept_id,
    unit AS unit_concept_id,
    CAST(0 AS DECIMAL(18, 3)) AS range_low,
    CAST(high AS DECIMAL(18, 3)) AS range_high,
    CAST(hash(number, 5) % 500 AS INTEGER) AS provider_id,
    CAST(hash(number, 6) % 1000000 AS INTEGER) AS visit_occurrence_id,
    CAST(NULL AS INTEGER) AS visit_detail_id,
    code AS measurement_source_value,
    concept_id AS measurement_source_concept_id,
    'unit' AS unit_source_value,
    unit AS unit_source_concept_id,
    CAST(value_as_number AS VARCHAR) AS value_source_value,
    CAST(NULL AS INTEGER) AS measurement_event_id,
    CAST(NULL AS INTEGER) AS meas_event_field_concept_id
FROM (SELECT range AS number FROM range({rows}))
INNER JOIN (SELECT *, row_number() OVER () - 1 AS place FROM ({concepts}))
    ON CAST(hash(number, 1) % 200 AS BIGINT) = place
"""
OTHERS = {
    "person": "SELECT range + 1 AS person_id, 8507 AS gender_concept_id, 1970 AS year_of_birth FROM range({persons})",
    "observation_period": "SELECT range + 1 AS observation_period_id, range + 1 AS person_id, DATE '2015-01-01' "
    "AS observation_period_start_date, DATE '2024-12-31' AS observation_period_end_date FROM range({persons})",
    "drug_exposure": "SELECT range + 1 AS drug_exposure_id, range + 1 AS person_id, 19014880 AS drug_concept_id, "
    "DATE '2020-01-01' AS drug_exposure_start_date, DATE '2020-03-01' AS drug_exposure_end_date FROM range({persons})",
    "concept": "SELECT concept_id, 'LOINC' AS vocabulary_id, code AS concept_code, 'a test' AS concept_name "
    "FROM ({concepts})",
}
BARE = """
import duckdb
connection = duckdb.connect({database!r}, config={{"memory_limit": "1500MB"}})
connection.execute("CREATE TABLE measurement AS SELECT * FROM {relation}")
connection.close()
"""
READ = """
from functools import partial
from pathlib import Path
from flows.intake import steps as intake
from flows.references.bound import refer
from flows.sources import mapping as mapped
from flows.given import Given
by = refer("dr-oracle-2025", None, ())
prepare = partial(intake.prepare, as_of=None, by=by)
with mapped.receive(Given("omop", {folder!r}), Path({work!r}), prepare) as received:
    [[rows]] = received.warehouse.rows("SELECT count(*) FROM received.lab_results")
    received.files()
if rows != {rows}:
    raise SystemExit(f"{{rows}} rows came, not {rows}")
"""


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    for form in ("parquet", "csv"):
        folder = made(rows, form)
        file = folder / f"measurement.{form}"
        relation = f"read_{form}('{file}')"
        bare = measured(BARE.format(database=str(fresh("bare.duckdb")), relation=relation))
        work = fresh("work")
        read = measured(READ.format(folder=str(folder), work=str(work), rows=rows))
        shutil.rmtree(work, ignore_errors=True)
        for name, figure in (("bare DuckDB read", bare), ("source omop, to the contract", read)):
            print(
                f"{form}: {name}: {rows / figure['seconds']:,.0f} rows/s, {figure['seconds']:.1f} s, "
                f"peak {figure['peak_mib']:.0f} MiB",
                flush=True,
            )
        print(f"{form}: {read['seconds'] / bare['seconds']:.2f} times the bare read", flush=True)


def made(rows: int, form: str) -> Path:
    """Return the folder of a CDM with so many measurements, made where it is not there."""
    folder = OUT / f"omop-{rows}-{form}"
    if folder.is_dir():
        return folder
    folder.mkdir(parents=True)
    with duckdb.connect(config={"memory_limit": "1500MB", "preserve_insertion_order": False}) as connection:
        for name, sql in {**OTHERS, "measurement": ROWS}.items():
            select = sql.format(rows=rows, persons=PERSONS, concepts=CONCEPTS)
            connection.execute(f"COPY ({select}) TO '{folder / name}.{form}' (FORMAT {form})")
    return folder


if __name__ == "__main__":
    main()
