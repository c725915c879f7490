"""HL7 v2 results: a folder of message files (ORU), and beside them the other tables as in a native extract.

The reader makes flat rows of text (`observations`: a row an OBX); what they mean is said by sql/sources/hl7v2.
"""

from collections.abc import Container, Sequence
from functools import partial
from pathlib import Path

from expectations import TABLES, patients
from expectations.declare import DATE, TEXT, Column
from flows.given import Given
from flows.intake import DESCRIPTION, Part, Receiver, find, parts_of, row_number
from flows.sources.declare import Source, SourceTable, a_folder
from flows.sources.hl7v2.cut import Tally
from flows.sources.hl7v2.message import REJECTIONS
from flows.sources.hl7v2.rows import MESSAGE, OBSERVATION, PID
from flows.sources.hl7v2.store import Store

SUFFIXES = tuple(
    f".{suffix}{packed}" for suffix in ("hl7", "oru", "msg", "txt", "dat", "er7") for packed in ("", ".gz")
)
TIMES = ("sent_at", "observed_at", "order_time", "reported_at", "specimen_time", "death_time")


def _columns(names: Sequence[str]) -> tuple[Column, ...]:
    return tuple(Column(name, DATE if name in TIMES else TEXT) for name in names)


MESSAGES = SourceTable("messages", _columns(MESSAGE), is_lookup=True)
OBSERVATIONS = SourceTable("observations", _columns(OBSERVATION))
PEOPLE = SourceTable("pid", _columns(PID))
# Messages say who a patient is, so that the table of patients may be missing; they never say what is taken.
NATIVE = tuple(SourceTable(table.name, table.of_extract, required=table.name == "drug_exposures") for table in TABLES)
REASONS = {
    **REJECTIONS,
    "ambiguous_patient": "a patient's number is given by one authority (PID-3.4)",
    "contradicting_codes": "the codings of a result that are on a list are of one concept",
}


def source(given: Given) -> Source:
    """Return the source at a folder."""
    folder = a_folder(given)
    tables = (MESSAGES, OBSERVATIONS, PEOPLE, *NATIVE)
    return Source(kind="hl7v2", tables=tables, read=partial(read, folder), reasons=REASONS)


def read(folder: Path, receiver: Receiver) -> list[Part]:
    """Receive the tables that are given as such, and the messages."""
    found = find(folder, NATIVE, any_case=True)
    tables = [part for parts in found.values() for part in parts]
    messages, others = files(folder, {part.path for part in tables})
    for table in NATIVE:
        receiver.receive(table, found[table.name])
    if messages:
        _messages(receiver, messages, has_patients=bool(found[patients.TABLE.name]))
    else:
        for lacking in (MESSAGES, OBSERVATIONS, PEOPLE):
            receiver.lack(lacking)
    if others:
        receiver.note(f"messages: {others:,} files are of no table and no message file by their names; left alone")
    return [*messages, *tables]


def files(folder: Path, tables: Container[Path]) -> tuple[list[Part], int]:
    """Return the message files at any depth in the order of their names, and how many files are left alone."""
    paths = [path for path in folder.rglob("*") if path.is_file() and not _is_hidden(path.relative_to(folder))]
    wanted = [path for path in paths if path.name.lower().endswith(SUFFIXES)]
    wanted.sort(key=lambda path: path.relative_to(folder).as_posix())
    known = {*wanted, folder / DESCRIPTION}
    others = sum(path not in known and path not in tables for path in paths)
    return parts_of("messages", folder, wanted), others


def _is_hidden(path: Path) -> bool:
    return any(name.startswith(".") for name in path.parts)


def _messages(receiver: Receiver, parts: Sequence[Part], *, has_patients: bool) -> None:
    store = Store(receiver.copies)
    store.read(parts)
    for table in (MESSAGES, OBSERVATIONS, PEOPLE):
        if table is PEOPLE and has_patients:
            receiver.lack(table)  # the table of patients says who is followed, from when to when
            continue
        types = {column.name: "VARCHAR" for column in table.columns}
        rows, path = store.counts[table.name], store.paths[table.name]
        receiver.take(table, types, receiver.warehouse.files.parquet([path]), row_number([rows]), rows)
    # The place stands in the row, for the words of a reason are one for all; a file goes by its place,
    # for its name may be a person's.
    place = ", ".join(f"{name} := CAST({name} AS BIGINT)" for name in ("file", "of", "message", "byte"))
    receiver.warehouse.run(
        "INSERT INTO source.rejects SELECT 'messages', CAST(row_number AS BIGINT), source_id, reason, NULL, "
        f"CAST(to_json(struct_pack({place}, text := text)) AS VARCHAR) "
        f"FROM {receiver.warehouse.files.parquet([store.paths['rejects']])}"
    )
    receiver.rows |= store.per_file
    for note in notes(store.tally):
        receiver.note(note)


def notes(tally: Tally) -> list[str]:
    """Return what the report says of the files: counts only."""
    lines = []
    if tally.stray_lines:
        lines.append(f"messages: {tally.stray_lines:,} lines are no segments; each was added to the one before it")
    if tally.wrong_trailers:
        lines.append(
            f"messages: {tally.wrong_trailers:,} trailers of batches or files count {tally.said:,}, and "
            f"{tally.held:,} were read: messages may be lost"
        )
    if tally.open_batches:
        lines.append(f"messages: {tally.open_batches:,} batches have no trailer: messages may be lost")
    return lines
