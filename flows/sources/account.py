"""Where each row of a source went: carried over, left out, rejected, only looked up, or asked by no mapping."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from audit.frames import SOURCE_ROWS
from flows.errors import Refused
from flows.sources.declare import SourceTable
from flows.warehouse import Warehouse, quoted

CARRIED, LEFT_OUT, REJECTED, NOT_MAPPED, LOOKED_UP = "carried", "left_out", "rejected", "not_mapped", "looked_up"


def of_mapped(warehouse: Warehouse, table: str, file: Path) -> pl.DataFrame:
    """Count what came out of the mapping of a table of the contract, by disposition and reason."""
    return warehouse.frame(
        f"SELECT source_table, {quoted(table)} AS table_name, "
        f"CASE WHEN rejected IS NOT NULL THEN '{REJECTED}' WHEN left_out IS NOT NULL THEN '{LEFT_OUT}' "
        f"ELSE '{CARRIED}' END AS disposition, coalesce(rejected, left_out) AS reason, count(*) AS \"rows\" "
        f"FROM {warehouse.files.parquet([file])} GROUP BY ALL"
    ).cast(SOURCE_ROWS.schema)


def of_unread(warehouse: Warehouse) -> pl.DataFrame:
    """Count what no mapping saw, because it could not be read as a row."""
    return warehouse.frame(
        "SELECT source_table, CAST(NULL AS VARCHAR) AS table_name, "
        f"'{REJECTED}' AS disposition, reason, count(*) AS \"rows\" FROM source.rejects GROUP BY ALL"
    ).cast(SOURCE_ROWS.schema)


def balanced(counts: pl.DataFrame, warehouse: Warehouse, tables: Sequence[SourceTable], kind: str) -> pl.DataFrame:
    """Return the whole account; Refused where a mapping loses a row, doubles one, or names a table that is none.

    Some rows of a lookup may be left out or rejected by name; the others were looked up.
    """
    came = _by_table(counts)
    unread = _by_table(counts.filter(pl.col("table_name").is_null()))
    rest = []
    for name, read in warehouse.rows("SELECT table_name, rows_read FROM source.row_counts"):
        if (out := came.pop(name, 0)) == read:
            continue
        is_lookup = any(table.is_lookup for table in tables if table.name == name)
        if out > read or not (is_lookup or out == unread.get(name, 0)):
            raise Refused(f"mapping: of {name} {read:,} rows were read and {out:,} came out; each must, and once")
        rest.append((name, None, LOOKED_UP if is_lookup else NOT_MAPPED, None, read - out))
    if came:
        raise Refused(f"mapping: source_table '{min(map(str, came))}' is no table of the source {kind}")
    rows = pl.DataFrame(rest, schema=SOURCE_ROWS.schema, orient="row")
    return pl.concat([counts, rows]).sort("source_table", "table_name", "disposition", "reason", nulls_last=True)


def _by_table(counts: pl.DataFrame) -> dict[str, int]:
    return dict(counts.group_by("source_table").agg(pl.col("rows").sum()).iter_rows())


def notes(account: pl.DataFrame) -> list[str]:
    """Return a line for each reason why rows were not carried over, with their number."""
    words = {
        LEFT_OUT: "left out as {reason}",
        REJECTED: "rejected as {reason}",
        NOT_MAPPED: "asked by no mapping",
    }
    return [
        f"source {row['source_table']}: {row['rows']:,} rows {words[row['disposition']].format(reason=row['reason'])}"
        for row in account.filter(pl.col("disposition").is_in(list(words))).iter_rows(named=True)
    ]
