"""OMOP CDM 5.3 and 5.4: a folder of CSV or Parquet, a DuckDB file, or a PostgreSQL database.

drug_exposure is read, not drug_era: an era's gap of 30 days would hide the very breaks that are audited. The
vocabulary tables are asked where they are there. What becomes of each column: docs/sources/omop.md.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from expectations.declare import DATE, NUMBER, TEXT, WHOLE, Column
from flows.given import Given
from flows.intake import CONTRACT, Dialect, Part, Receiver, find, header_of
from flows.sources import drug_names
from flows.sources.databases import duckdb_file, postgres
from flows.sources.declare import Source, SourceTable

ANY_ANCESTOR = "SELECT 1 FROM source.concept_ancestor LIMIT 1"
RELEASE = "SELECT as_text(cdm_version), CAST(as_day(source_release_date) AS VARCHAR) FROM source.cdm_source LIMIT 1"


def _columns(roles: dict[str, str], required: Sequence[str]) -> tuple[Column, ...]:
    return tuple(Column(name, role, required=name in required) for name, role in roles.items())


def _ids(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, WHOLE)


def _texts(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, TEXT)


def _dates(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, DATE)


def _numbers(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, NUMBER)


TABLES = (
    SourceTable(
        "person",
        _columns(
            _ids("person_id", "gender_concept_id") | _numbers("year_of_birth") | _ids("care_site_id"), ["person_id"]
        ),
        required=True,
    ),
    SourceTable(
        "observation_period",
        _columns(
            _ids("observation_period_id", "person_id")
            | _dates("observation_period_start_date", "observation_period_end_date"),
            ["person_id", "observation_period_start_date", "observation_period_end_date"],
        ),
        required=True,
        is_lookup=True,
    ),
    SourceTable(
        "death",
        _columns(_ids("person_id") | _dates("death_date"), ["person_id"]),
        is_lookup=True,
        without="a death does not end the observation",
    ),
    SourceTable(
        "drug_exposure",
        _columns(
            _ids("drug_exposure_id", "person_id", "drug_concept_id", "drug_source_concept_id", "visit_occurrence_id")
            | _ids("drug_type_concept_id")
            | _dates("drug_exposure_start_date", "drug_exposure_end_date", "verbatim_end_date")
            | _numbers("quantity", "days_supply", "refills")
            | _texts("stop_reason", "sig", "drug_source_value", "route_source_value"),
            ["drug_exposure_id", "person_id", "drug_concept_id", "drug_exposure_start_date"],
        ),
        required=True,
    ),
    SourceTable(
        "measurement",
        _columns(
            _ids("measurement_id", "person_id", "measurement_concept_id", "measurement_source_concept_id")
            | _ids("operator_concept_id", "unit_concept_id")
            | _dates("measurement_date")
            | _numbers("value_as_number", "range_low", "range_high")
            | _texts("measurement_source_value", "unit_source_value", "value_source_value"),
            ["measurement_id", "person_id", "measurement_concept_id", "measurement_date", "value_as_number"],
        ),
        required=True,
    ),
    SourceTable(
        "condition_occurrence",
        _columns(
            _ids("condition_occurrence_id", "person_id", "condition_concept_id", "condition_source_concept_id")
            | _dates("condition_start_date")
            | _texts("condition_source_value"),
            ["condition_occurrence_id", "person_id", "condition_concept_id", "condition_start_date"],
        ),
    ),
    SourceTable(
        "procedure_occurrence",
        _columns(
            _ids("procedure_occurrence_id", "person_id", "procedure_concept_id", "procedure_source_concept_id")
            | _dates("procedure_date")
            | _texts("procedure_source_value"),
            ["procedure_occurrence_id", "person_id", "procedure_concept_id", "procedure_date"],
        ),
        without="imaging of the liver counts as not done (RST-02)",
    ),
    SourceTable(
        "visit_occurrence",
        _columns(
            _ids("visit_occurrence_id", "person_id", "visit_concept_id") | _dates("visit_start_date", "visit_end_date"),
            ["visit_occurrence_id", "person_id", "visit_concept_id", "visit_start_date"],
        ),
        without="an order that ends with a discharge cannot be told from a stop",
    ),
    SourceTable(
        "concept",
        _columns(
            _ids("concept_id") | _texts("concept_name", "vocabulary_id", "concept_code"),
            ["concept_id", "vocabulary_id", "concept_code"],
        ),
        is_lookup=True,
        without="only the OMOP ids of the code lists are known, and no names of drugs",
    ),
    SourceTable(
        "concept_ancestor",
        _columns(
            _ids("ancestor_concept_id", "descendant_concept_id"), ["ancestor_concept_id", "descendant_concept_id"]
        ),
        is_lookup=True,
        without="the descendants of a listed concept are not known: only what the code lists name counts",
    ),
    SourceTable(
        "drug_strength",
        _columns(
            _ids("drug_concept_id", "ingredient_concept_id", "amount_unit_concept_id")
            | _ids("numerator_unit_concept_id", "denominator_unit_concept_id")
            | _numbers("amount_value", "numerator_value", "denominator_value")
            | _texts("invalid_reason"),
            ["drug_concept_id", "ingredient_concept_id"],
        ),
        is_lookup=True,
        without="strengths are read from the names of drugs, and doses from the sig",
    ),
    SourceTable("cdm_source", _columns(_texts("cdm_version", "source_release_date"), []), is_lookup=True),
)
EVENTS, MORE_EVENTS = "condition_occurrence", "procedure_occurrence"
VERSIONS = ("5.3", "5.4")
VERSION = re.compile(r"[vV]?\d{1,2}(\.\d{1,2}){0,3}")  # what else stands there is no version, and is not repeated
REASONS = {
    "contradicting_codes": "the standard concept and the concept of the source are listed as one thing",
    "not_a_number": "value is a number",
    "contradicting_comparator": "the operator and the sign inside the value of the source do not contradict each other",
}
RELATIONS = {"dosage_texts": "VIEW", **drug_names.RELATIONS}
GAPS = """
WITH periods AS (
    SELECT
        person_id,
        as_day(observation_period_start_date) AS first,
        max(as_day(observation_period_end_date)) OVER (
            PARTITION BY person_id ORDER BY as_day(observation_period_start_date)
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS last_before
    FROM source.observation_period
)
SELECT count(DISTINCT person_id) FROM periods WHERE first > last_before + 1
"""


def source(given: Given) -> Source:
    """Return the CDM at a folder, a DuckDB file, or the address of a PostgreSQL database."""
    if postgres.is_address(given.location):
        receive = partial(postgres.receive, postgres.Address.of(given.location))
    elif given.path.is_dir():
        receive = partial(receive_folder, given.path)
    else:
        receive = partial(duckdb_file.receive, duckdb_file.Place.of(given.location))
    return Source(
        kind="omop",
        tables=TABLES,
        read=partial(read, receive),
        reasons=REASONS,
        relations=RELATIONS,
        mappings={drug_names.NAMES: drug_names.mapping()},
    )


def read(receive: Callable[[Receiver, Sequence[SourceTable]], list[Part]], receiver: Receiver) -> list[Part]:
    """Receive every table, and note what the report must say of them."""
    parts = receive(receiver, TABLES)
    if EVENTS not in receiver.present:
        receiver.present.discard(MORE_EVENTS)  # procedures alone would make each symptom a symptom not coded
    if gaps := receiver.warehouse.number(GAPS):
        receiver.note(f"observation_period: {gaps:,} persons have days between their periods, which count as observed")
    if "concept_ancestor" in receiver.present and not receiver.warehouse.rows(ANY_ANCESTOR):
        receiver.note("concept_ancestor is empty: only the codes that the lists name count, and no descendants")
    for version, released in receiver.warehouse.rows(RELEASE):
        told = f", released on {released}" if released else ""
        note = "" if (version or "").lstrip("vV").startswith(VERSIONS) else "; read as 5.3 or 5.4 are"
        is_one = version is not None and VERSION.fullmatch(version) is not None
        receiver.note(f"cdm_source: OMOP CDM {version if is_one else 'of no stated version'}{told}{note}")
    return parts


def receive_folder(folder: Path, receiver: Receiver, tables: Sequence[SourceTable]) -> list[Part]:
    """Receive the tables from files, whatever the case of their names."""
    found = find(folder, tables, any_case=True)
    for table in tables:
        receiver.receive(table, found[table.name], dialect(table, found[table.name]))
    return [part for parts in found.values() for part in parts]


def dialect(table: SourceTable, parts: Sequence[Part]) -> Dialect:
    """Return how the CSV of a table is written: the vocabularies come with tabs."""
    if not parts or parts[0].is_parquet:
        return CONTRACT
    header = header_of(parts[0])
    return Dialect(separator="\t") if len(header) == 1 and "\t" in header[0] else CONTRACT
