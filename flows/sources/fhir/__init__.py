"""FHIR R4 bulk export: a folder of NDJSON, gzipped or not, any resource type in any file, in any order.

One source table a resource type. `Observation.component` has a row for each component of an observation, and
`contained.Observation` one for each that stands inside of another resource; `lines` has every line that was read, of
which those that are no resource are rejected; `other` are types that nobody asks.
"""

from collections import Counter
from functools import partial
from pathlib import Path

from expectations.declare import DATE, Column
from flows.errors import Refused
from flows.given import Given
from flows.intake import Part, Receiver, find, row_number
from flows.shipped import SQL
from flows.sources import drug_names
from flows.sources.declare import Source, SourceTable, a_folder
from flows.sources.fhir import lines
from flows.sources.fhir.lines import Lines
from flows.sources.fhir.resources import RESOURCES, TYPE, columns
from flows.sources.fhir.types import R4
from flows.warehouse import identifier

NOT_OF_PARTS = ("contained", "effectivePeriod_end")
# A whole resource may stand inside of another, as a vendor's report holds its results; a report's own row is no result.
CONTAINED = SourceTable(
    "contained.Observation",
    tuple(column for column in columns("Observation") if column.name not in NOT_OF_PARTS),
)
COMPONENT = SourceTable(
    "Observation.component",
    (
        *(column for column in columns("Observation") if column.name not in ("component", *NOT_OF_PARTS)),
        Column("observation_row"),
        Column("place"),
    ),
)
LINES = SourceTable("lines", (Column(TYPE),), is_lookup=True)
OTHER = SourceTable("other", (Column(TYPE),))
PERIODS = SourceTable(
    "observation_periods",
    (
        Column("patient_id", required=True),
        Column("observation_start", DATE, required=True),
        Column("observation_end", DATE),
    ),
    is_lookup=True,
)
# Reports and procedures alone are no feed of diagnoses: without any Condition there are no clinical events.
LOOKUPS = ("Medication", "Procedure", "DiagnosticReport")
TABLES = (
    *(SourceTable(kind, columns(kind), is_lookup=kind in LOOKUPS) for kind in RESOURCES),
    *(CONTAINED, COMPONENT, OTHER, LINES, PERIODS),
)
REASONS = {
    **lines.WORDS,
    "contradicting_codes": "the codes of one resource that are on a list stand for one concept",
    "contradicting_links": "a patient is replaced by one other",
    "conflicting_versions": "no two versions of one id differ in whether they are retracted though updated at one time",
    "ended_on_unknown_day": "an order that is not active says when it ended, by a day that its own update had reached",
    "unknown_supply": "a dispense says how many days it lasts",
}
RELATIONS = {
    "survivors": "TABLE",
    "drug_records": "VIEW",
    **drug_names.RELATIONS,
    "concepts": "TABLE",
    "reference_ranges": "TABLE",
    "dosage_texts": "VIEW",
    "dosages": "TABLE",
}


def source(given: Given) -> Source:
    """Return the export in a folder."""
    return Source(
        kind="fhir",
        tables=TABLES,
        read=partial(read, a_folder(given)),
        reasons=REASONS,
        relations=RELATIONS,
        has_days_inside=True,
        mappings={drug_names.NAMES: drug_names.mapping()},
    )


def read(folder: Path, receiver: Receiver) -> list[Part]:
    """Receive every file below the folder, and the observation periods beside them where a site gives some."""
    periods = find(folder, (PERIODS,), any_case=True)[PERIODS.name]
    parts, left = lines.files_of(folder)
    for note in left:
        receiver.note(note)
    found = lines.read(receiver, parts)
    for one in TABLES:
        if one.name in RESOURCES:
            receive_resources(receiver, found, one)
    receive_contained(receiver)
    receive_components(receiver)
    receive_others(receiver, found)
    receiver.receive(PERIODS, periods)
    once = "SELECT count(*) - count(DISTINCT as_text(patient_id)) FROM source.observation_periods"
    if receiver.warehouse.number(once):
        raise Refused("observation_periods: a patient comes more than once, or without an id")
    return [*parts, *periods]


def receive_resources(receiver: Receiver, found: Lines, one: SourceTable) -> None:
    """Create the table of a resource type."""
    if rows := found.resources[one.name]:
        relation, number = found.of(one.name, receiver.warehouse)
        receiver.take(one, {column.name: "VARCHAR" for column in one.columns}, relation, number, rows)
    else:
        receiver.lack(one)


def receive_contained(receiver: Receiver) -> None:
    """Create the table of the observations inside of other resources, and name what else of use stands inside."""
    holding = [
        kind
        for kind in RESOURCES
        if kind in receiver.present and "contained" in {column.name for column in columns(kind)}
    ]
    held: Counter[str] = Counter()
    for kind in holding:
        inside = f"SELECT unnest(json_extract(contained, '$[*]')) AS held FROM source.{identifier(kind)}"
        kinds = f"SELECT held ->> '$.resourceType' AS kind, count(*) FROM ({inside}) GROUP BY kind"
        held.update({kind: rows for kind, rows in receiver.warehouse.rows(kinds) if kind in RESOURCES})
    _receive_parted(receiver, CONTAINED, "contained_observations", held["Observation"])
    if unread := {kind: held[kind] for kind in sorted(held) if kind not in ("Observation", "Medication")}:
        said = ", ".join(f"{kind} {rows:,}" for kind, rows in unread.items())
        receiver.note(f"source contained: resources inside of other resources that are not read: {said}")


def receive_components(receiver: Receiver) -> None:
    """Create the table of the components of observations, each with what it has from the observation."""
    whole = [f"(SELECT count(component) FROM source.{identifier(name)})" for name in ("Observation", CONTAINED.name)]
    _receive_parted(
        receiver, COMPONENT, "observation_components", receiver.warehouse.number(f"SELECT {' + '.join(whole)}")
    )


def _receive_parted(receiver: Receiver, table: SourceTable, name: str, held: int) -> None:
    """Create a table of parts of resources, where there are any."""
    if not held:
        receiver.lack(table)
        return
    to = receiver.copies / f"{name}.parquet"
    parted = (SQL / "sources" / "fhir" / f"{name}.sql").read_text(encoding="utf-8")
    rows = receiver.warehouse.copy(parted, to)
    types = {column.name: "VARCHAR" for column in table.columns}
    receiver.take(table, types, receiver.warehouse.files.parquet([to]), row_number([rows]), rows)


def receive_others(receiver: Receiver, found: Lines) -> None:
    """Count the lines, and the resources of types that are not used, with a note on which these are."""
    nothing = "(SELECT 1) WHERE FALSE"
    others = Counter({kind: rows for kind, rows in found.resources.items() if kind not in RESOURCES})
    receiver.take(LINES, {}, nothing, "CAST(NULL AS BIGINT)", sum(receiver.rows.values()))
    receiver.take(OTHER, {}, nothing, "CAST(NULL AS BIGINT)", others.total())
    # A type is a word of the standard; what else stands in its place may be about a person.
    named = sorted(others.keys() & R4)
    if others:
        said = ", ".join(f"{kind} {others[kind]:,}" for kind in named)
        unnamed = others.total() - sum(others[kind] for kind in named)
        more = f"{', ' if said else ''}no type of FHIR {unnamed:,}" if unnamed else ""
        receiver.note(f"source other: types of resources that are not used: {said}{more}")
    if others["Bundle"]:
        receiver.note(
            "source other: what a Bundle holds is not read, and the deletions that it asks for are not applied"
        )
