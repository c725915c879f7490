"""A native extract written as an OMOP CDM 5.4, the way an ETL writes one: ids are numbers, meanings are concepts.

What a CDM cannot hold is left out: the time of recording, the status of a result, its laboratory. A dose becomes
quantity, days_supply and drug_strength, or a sig. A discharge becomes an inpatient visit that the order belongs to.
Codes become, in turn, a standard concept, only a concept of the source (above 2,000,000,000, as a site's own are), or
only the source's value. Codes in our own words (`concept`) come out as values that the site's list must name, and of
drugs as their names.
"""

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

# Standard concepts of OMOP, as the project's lists have them.
STANDARD: Mapping[tuple[str, str], int] = {
    ("RxNorm", "197388"): 19014880,
    ("RxNorm", "199310"): 19021548,
    ("ATC", "L04AX01"): 36_000_001,  # a product that no list has: known by its ancestor
    ("RxNorm", "197931"): 1436651,
    ("ATC", "L01BB02"): 1436651,
    ("concept", "mercaptopurine"): 1436650,
    ("LOINC", "1742-6"): 3006923,
    ("LOINC", "1920-8"): 3013721,
    ("LOINC", "6768-6"): 3035995,
    ("LOINC", "1975-2"): 3024128,
    ("concept", "alt"): 3006923,
    ("concept", "ast"): 3013721,
    ("SNOMED CT", "34000006"): 201606,
    ("SNOMED CT", "18165001"): 137977,
}
STRENGTHS = {19014880: 50, 36_000_001: 50, 19021548: 25, 1436651: 50}  # milligrams in a tablet
UNITS = {"U/L": 8645, "IU/L": 8923, "mg/dL": 8840, "umol/L": 8749, "10*9/L": 9444, "10*3/uL": 8848, "ukat/L": 32995}
VOCABULARIES = {
    "SNOMED CT": "SNOMED",
    "ICD-10-CM": "ICD10CM",
    "CPT": "CPT4",
    "LOINC": "LOINC",
    "RxNorm": "RxNorm",
    "ATC": "ATC",
}
FIRST_LOCAL = 2_000_000_001

CODES = """
SELECT vocabulary, code, {first} + row_number() OVER (ORDER BY vocabulary, code) AS own_id
FROM (
    SELECT vocabulary, code FROM drug_exposures
    UNION SELECT vocabulary, code FROM lab_results
    UNION SELECT vocabulary, code FROM clinical_events
)
"""
# How a code is written: as a standard concept where there is one; else, in turn, as the source's concept or its value.
WRITTEN = """
SELECT
    codes.vocabulary,
    codes.code,
    coalesce(standard.concept_id, 0) AS standard_id,
    CASE WHEN vocabularies.vocabulary_id IS NOT NULL AND (own_id % 3 > 0 OR NOT is_read_bare) THEN own_id ELSE 0 END
        AS source_id,
    vocabularies.vocabulary_id,
    own_id
FROM (SELECT *, vocabulary IN ('LOINC', 'ICD-10-CM', 'SNOMED CT', 'ATC') AS is_read_bare FROM codes) AS codes
LEFT JOIN standard USING (vocabulary, code)
LEFT JOIN vocabularies USING (vocabulary)
"""
EXPOSURES = """
SELECT
    *,
    CAST(substr(exposure_id, 2) AS BIGINT) AS number,
    strengths.mg,
    coalesce(days_supply, end_date - start_date + 1) AS days,
    days IS NOT NULL AND strengths.mg IS NOT NULL AND (days_supply IS NOT NULL OR frequency IS NULL OR number % 2 = 0)
        AS is_counted
FROM drug_exposures
INNER JOIN written USING (vocabulary, code)
LEFT JOIN strengths ON written.standard_id = strengths.concept_id
"""
TABLES = {
    "PERSON": """
        SELECT
            CAST(patient_id AS BIGINT) AS person_id,
            CASE sex WHEN 'M' THEN 8507 WHEN 'F' THEN 8532 ELSE 0 END AS gender_concept_id,
            birth_year AS year_of_birth,
            CAST(hash(site_id) % 1000 AS INTEGER) AS care_site_id,
            'hospital number ' || patient_id AS person_source_value
        FROM patients
    """,
    "OBSERVATION_PERIOD": """
        SELECT
            row_number() OVER () AS observation_period_id,
            CAST(patient_id AS BIGINT) AS person_id,
            observation_start AS observation_period_start_date,
            coalesce(observation_end, $as_of) AS observation_period_end_date,
            32817 AS period_type_concept_id
        FROM patients
    """,
    "DEATH": "SELECT CAST(patient_id AS BIGINT) AS person_id, death_date FROM patients WHERE death_date IS NOT NULL",
    "DRUG_EXPOSURE": """
        SELECT
            number AS drug_exposure_id,
            CAST(patient_id AS BIGINT) AS person_id,
            standard_id AS drug_concept_id,
            start_date AS drug_exposure_start_date,
            CASE
                WHEN end_type = 'supply' AND number % 2 = 0
                    THEN coalesce(end_date, start_date + CAST(days_supply AS INTEGER) - 1)
                WHEN end_type IN ('supply', 'discharge') THEN end_date
            END AS drug_exposure_end_date,
            CASE WHEN end_type = 'explicit' THEN end_date END AS verbatim_end_date,
            CASE stop_reason
                WHEN 'hepatotoxicity' THEN 'Drug-induced liver injury'
                WHEN 'abnormal_lft' THEN 'Elevated liver enzymes'
                ELSE stop_reason
            END AS stop_reason,
            CASE WHEN is_counted THEN daily_dose_mg * days / mg END AS quantity,
            CASE WHEN is_counted THEN days ELSE days_supply END AS days_supply,
            CASE
                WHEN frequency IN ('QOD', 'every other day') THEN
                    CASE WHEN is_counted THEN 'every other day' ELSE daily_dose_mg * 2 || ' mg every other day' END
                WHEN frequency = 'BID' THEN daily_dose_mg / 2 || ' mg twice daily'
                WHEN NOT is_counted OR frequency IS NOT NULL THEN daily_dose_mg || ' mg by mouth once daily'
            END AS sig,
            CASE WHEN end_type = 'discharge' THEN 9000000 + number END AS visit_occurrence_id,
            code AS drug_source_value,
            source_id AS drug_source_concept_id
        FROM exposures
    """,
    "MEASUREMENT": """
        SELECT
            CAST(substr(result_id, 2) AS BIGINT) AS measurement_id,
            CAST(patient_id AS BIGINT) AS person_id,
            standard_id AS measurement_concept_id,
            CAST(collected_at AS DATE) AS measurement_date,
            collected_at AS measurement_datetime,
            0 AS operator_concept_id,
            value AS value_as_number,
            coalesce(units.concept_id, 0) AS unit_concept_id,
            reference_low AS range_low,
            reference_high AS range_high,
            code AS measurement_source_value,
            source_id AS measurement_source_concept_id,
            CASE WHEN units.concept_id IS NULL THEN lab_results.unit END AS unit_source_value,
            CAST(value AS VARCHAR) AS value_source_value
        FROM lab_results
        INNER JOIN written USING (vocabulary, code)
        LEFT JOIN units USING (unit)
    """,
    "CONDITION_OCCURRENCE": """
        SELECT
            CAST(substr(event_id, 2) AS BIGINT) AS condition_occurrence_id,
            CAST(patient_id AS BIGINT) AS person_id,
            standard_id AS condition_concept_id,
            event_date AS condition_start_date,
            code AS condition_source_value,
            source_id AS condition_source_concept_id
        FROM clinical_events
        INNER JOIN written USING (vocabulary, code)
        WHERE NOT is_procedure(code)
    """,
    "PROCEDURE_OCCURRENCE": """
        SELECT
            CAST(substr(event_id, 2) AS BIGINT) AS procedure_occurrence_id,
            CAST(patient_id AS BIGINT) AS person_id,
            standard_id AS procedure_concept_id,
            event_date AS procedure_date,
            code AS procedure_source_value,
            source_id AS procedure_source_concept_id
        FROM clinical_events
        INNER JOIN written USING (vocabulary, code)
        WHERE is_procedure(code)
    """,
    "VISIT_OCCURRENCE": """
        SELECT
            CAST(substr(stay_id, 2) AS BIGINT) AS visit_occurrence_id,
            CAST(patient_id AS BIGINT) AS person_id,
            9201 AS visit_concept_id,
            admitted_on AS visit_start_date,
            discharged_on AS visit_end_date
        FROM inpatient_stays
        UNION ALL
        SELECT 9000000 + number, CAST(patient_id AS BIGINT), 262, start_date, end_date
        FROM exposures
        WHERE end_type = 'discharge'
        UNION ALL
        SELECT 8000000 + row_number() OVER (), CAST(patient_id AS BIGINT), 9202, observation_start, observation_start
        FROM patients
    """,
    "CONCEPT": """
        SELECT own_id AS concept_id, 'a test of the sample' AS concept_name, vocabulary_id, code AS concept_code
        FROM written
        WHERE vocabulary_id IS NOT NULL
    """,
    "CONCEPT_ANCESTOR": """
        SELECT 19014878 AS ancestor_concept_id, 36000001 AS descendant_concept_id
        UNION ALL
        SELECT 36000001, 36000001
    """,
    "DRUG_STRENGTH": """
        SELECT
            concept_id AS drug_concept_id,
            concept_id + 1 AS ingredient_concept_id,
            mg AS amount_value,
            8576 AS amount_unit_concept_id
        FROM strengths
    """,
}


def export(extract: Path, to: Path, as_of: date, form: str = "parquet") -> Path:
    """Write the extract as a CDM of Parquet or CSV, and the site's own list of codes beside it (`codelists`)."""
    to.mkdir(parents=True)
    with duckdb.connect() as connection:
        for table in ("patients", "lab_results", "drug_exposures", "clinical_events", "inpatient_stays"):
            connection.execute(f"CREATE VIEW {table} AS FROM read_parquet('{extract}/{table}/*.parquet')")
        connection.execute("CREATE MACRO is_procedure(code) AS code IN ('76700', '76705', '74177', '45036003')")
        given(
            connection,
            "standard(vocabulary VARCHAR, code VARCHAR, concept_id BIGINT)",
            [(*key, value) for key, value in STANDARD.items()],
        )
        given(connection, "strengths(concept_id BIGINT, mg DOUBLE)", list(STRENGTHS.items()))
        given(connection, "units(unit VARCHAR, concept_id BIGINT)", list(UNITS.items()))
        given(connection, "vocabularies(vocabulary VARCHAR, vocabulary_id VARCHAR)", list(VOCABULARIES.items()))
        connection.execute(f"CREATE TABLE codes AS {CODES.format(first=FIRST_LOCAL)}")
        connection.execute(f"CREATE TABLE written AS {WRITTEN}")
        connection.execute(f"CREATE VIEW exposures AS {EXPOSURES}")
        for name, select in TABLES.items():
            sql = select.replace("$as_of", f"DATE '{as_of}'")
            connection.execute(f"COPY ({sql}) TO '{to}/{name}.{form}' (FORMAT {form})")
        own = connection.execute("SELECT code FROM codes WHERE vocabulary = 'concept' ORDER BY code").fetchall()
    site_list(to.parent / f"{to.name}.codelists", [code for (code,) in own])
    return to


def given(connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[object, ...]]) -> None:
    connection.execute(f"CREATE TABLE {table}")
    connection.executemany(f"INSERT INTO {table.split('(')[0]} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def site_list(folder: Path, codes: list[str]) -> None:
    """Write what the site says its own words mean: values of the source, and names of drugs."""
    folder.mkdir()
    with (folder / "own.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["concept", "vocabulary", "code", "display"])
        writer.writerows([code, "OMOP source", code, code] for code in codes)
        writer.writerows([code, "name", code, code] for code in ("anticoagulant", "corticosteroid_systemic"))
