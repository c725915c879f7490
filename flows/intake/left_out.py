"""Leave out the people whom an operator was asked to forget, before a row of theirs is settled or counted."""

import polars as pl

from expectations import TABLES
from flows.exclusions import Exclusions
from flows.intake.received import Received

PATIENT = "patient_id"
# HMAC-SHA-256 by its definition (RFC 2104).
KEYED = "sha256(getvariable('outer_pad') || unhex(sha256(getvariable('inner_pad') || encode(as_text({id})))))"

# The id stands in a text as a word of its own.
NAMED = "regexp_matches({}, '(^|[^\\w-])' || regexp_escape(" + PATIENT + ") || '([^\\w-]|$)')"


def leave_out(received: Received, exclusions: Exclusions) -> None:
    """Take the rows of excluded people out of the tables as received; a note counts them, by table.

    What a source rejected of them loses its row too, and so does a line that is no row and names one of them.
    """
    if not exclusions.people:
        return
    warehouse = received.warehouse
    for name, pad in zip(("inner_pad", "outer_pad"), exclusions.pads, strict=True):
        warehouse.set(name, pad)
    warehouse.load("reference", "excluded", pl.DataFrame({"hash": list(exclusions.people)}))
    ids = " UNION ".join(f"SELECT {PATIENT} FROM received.{table.name}" for table in TABLES)
    of_source = f'SELECT json_extract_string("row", \'$.{PATIENT}\') FROM source.rejects WHERE json_valid("row")'
    warehouse.run(
        f"CREATE TABLE reference.left_out AS SELECT {PATIENT} FROM ({ids} UNION {of_source}) "
        f"SEMI JOIN reference.excluded ON excluded.hash = {KEYED.format(id=PATIENT)}"
    )
    for table in TABLES:
        _leave_out(received, table.name)
    for lines, emptied in (("received.malformed", ("line",)), ("source.rejects", ('"row"', "source_id"))):
        gone = ", ".join(f"{column} = NULL" for column in emptied)
        warehouse.run(
            f"UPDATE {lines} SET {gone} WHERE EXISTS (FROM reference.left_out WHERE {NAMED.format(emptied[0])})"
        )


def _leave_out(received: Received, table: str) -> None:
    warehouse = received.warehouse
    theirs = f"FROM received.{table} SEMI JOIN reference.left_out USING ({PATIENT})"
    if not (rows := warehouse.number(f"SELECT count(*) {theirs}")):
        return
    warehouse.run(f"ALTER VIEW received.{table} RENAME TO whole_{table}")
    warehouse.run(
        f"CREATE VIEW received.{table} AS FROM received.whole_{table} ANTI JOIN reference.left_out USING ({PATIENT})"
    )
    warehouse.run("UPDATE received.row_counts SET rows_read = rows_read - $2 WHERE table_name = $1", [table, rows])
    were = "row was" if rows == 1 else "rows were"
    received.notes.append(f"{table}: {rows:,} {were} left out, of people who are to be forgotten")
