"""Run the checks of expectations/ and split the received rows: staged, rejected, and what else became of them.

A row is settled in this order: recorded after the as-of date; an exact duplicate; superseded by a later version of
its id; retracted by its latest version; rejected by a check; dated after the as-of date; not needed.
"""

from collections.abc import Sequence

import polars as pl

from audit.frames import CONSERVATION, REJECTS
from expectations import TABLES
from expectations.declare import Check, Table
from flows.errors import Broken
from flows.warehouse import Warehouse, reading, text_of

_, READ, *DISPOSITIONS = CONSERVATION.names
# What must be known before a table is resolved, and what is known once it is settled.
BEFORE = {"lab_results": ("lab_codes",)}
AFTER = {"patients": ("known_patients",), "drug_exposures": ("people",)}


def split(warehouse: Warehouse) -> None:
    """Settle every received row in `outcome.<table>`; a row that is not in there is accepted."""
    _list_checks(warehouse)
    for table in TABLES:
        warehouse.create("VIEW", "extract", table.name)
    with reading("extract"):
        for name in ("lab_kinds", "drug_texts", "drug_names", "codes"):
            warehouse.create("TABLE", "resolved", name)
    for table in TABLES:
        with reading(table.name):
            _settle(warehouse, table)


def rejects(warehouse: Warehouse) -> pl.DataFrame:
    """Return the rejected rows of all tables, each with the first check that it broke.

    Rows of another kind of source that never became rows of the contract come as `source.<table>`.
    """
    of_source = "SELECT 'source.' || source_table AS table_name, * EXCLUDE (source_table) FROM source.rejects"
    rejected = "SELECT count(*) FROM outcome.{} WHERE disposition = 'rejected'"
    concerned = [table for table in TABLES if warehouse.number(rejected.format(table.name))]
    frames = [warehouse.frame(of_source), *(warehouse.frame(filled("rejects", table)) for table in concerned)]
    return pl.concat([frame.cast(REJECTS.schema) for frame in frames]).sort(REJECTS.keys)


def conservation(warehouse: Warehouse) -> pl.DataFrame:
    """Return what became of the rows of each table; raise Broken where a row is lost or counted twice."""
    frames = [warehouse.frame(filled("conservation", table)).cast(CONSERVATION.schema) for table in TABLES]
    counts = pl.concat(frames)
    settled = counts.select("table_name", READ, settled=pl.sum_horizontal(DISPOSITIONS))
    lost = settled.filter(pl.col(READ).ne_missing(pl.col("settled")))
    if lost.height:
        said = (f"{table} {read:,} read and {found:,} settled" for table, read, found in lost.iter_rows())
        raise Broken(f"the rows do not add up ({'; '.join(said)}); the last release stays in place")
    return counts


def unlisted(warehouse: Warehouse) -> pl.DataFrame:
    """Return the received codes that are on no list, the most frequent first."""
    return warehouse.relation("outcome", "unlisted")


def unread_texts(warehouse: Warehouse) -> pl.DataFrame:
    """Return the dosage texts of the audited drug that are not read, the most frequent first."""
    return warehouse.relation("outcome", "unread_texts")


def recognised(warehouse: Warehouse) -> pl.DataFrame:
    """Return the concepts that received codes were found to mean, with their rows."""
    return warehouse.relation("outcome", "recognised")


def matched(warehouse: Warehouse) -> pl.DataFrame:
    """Return what was matched otherwise than by a listed code, and the near misses, the most frequent first."""
    return warehouse.relation("outcome", "matched")


def refusals(warehouse: Warehouse, failed: Sequence[tuple[Table, Check]]) -> list[str]:
    """Return one line for each table that a stop check refuses: counts and reasons, no ids."""
    return [_refusal(warehouse, table, check) for table, check in failed]


def filled(name: str, table: Table) -> str:
    """Return a relation of sql/intake/outcome for a table, with the names that the table declares put in."""
    packed = {
        column.name: f"{column.name} := shown(CAST({table.name}.{column.name} AS VARCHAR))" for column in table.columns
    }
    compared = ", ".join(sql for column, sql in packed.items() if column != table.death)
    broken = (
        f"SELECT row_number, {precedence} AS precedence FROM ({check.query.format(batch=f'candidates.{table.name}')})"
        for precedence, check in enumerate(table.rejections)
    )
    return text_of("outcome", name).format(
        table=table.name,
        id=table.id,
        day=table.day,
        content=f"to_json(struct_pack({compared}))",
        death=f"as_day({table.name}.{table.death})" if table.death else "CAST(NULL AS DATE)",
        whole=f"to_json(struct_pack({', '.join(packed.values())}))",
        recorded_at=f"{table.name}.recorded_at" if table.is_versioned else "CAST(NULL AS TIMESTAMPTZ)",
        later=_later(table),
        any_check=" OR ".join(f"({predicate})" for _, _, predicate in table.predicates) + " OR is_conflicting",
        broken=" UNION ALL ".join(broken),
    )


def _later(table: Table) -> str:
    """Return what counts the rows of a table that were recorded after the as-of date; results were counted by kind."""
    if table.name == "lab_results":
        return "(SELECT coalesce(sum(later_count), 0) FROM resolved.lab_kinds)"
    if not table.is_versioned:
        return "0"
    return f"(SELECT count(*) FROM received.{table.name} WHERE as_day(recorded_at) > getvariable('as_of'))"


def _settle(warehouse: Warehouse, table: Table) -> None:
    for name in BEFORE.get(table.name, ()):
        warehouse.create("TABLE", "resolved", name)
    warehouse.create("TABLE", "resolved", table.name)
    _version(warehouse, table)
    warehouse.run(f"CREATE TABLE candidates.{table.name} AS {filled('candidates', table)}")
    warehouse.run(f"CREATE TABLE outcome.{table.name} AS {filled('outcome', table)}")
    for name in AFTER.get(table.name, ()):
        warehouse.create("TABLE", "resolved", name)


def _version(warehouse: Warehouse, table: Table) -> None:
    """Tell the versions of the ids that come more than once; where none does, that is not asked: it costs more."""
    warehouse.run(f"CREATE TABLE outcome.{table.name}_repeated AS {filled('repeated', table)}")
    versions = f"outcome.{table.name}_versions"
    if warehouse.number(f"SELECT count(*) FROM outcome.{table.name}_repeated"):
        warehouse.run(f"CREATE TABLE {versions} AS {filled('versions', table)}")
    else:
        warehouse.run(f"CREATE TABLE {versions} (row_number BIGINT, state VARCHAR)")


def _list_checks(warehouse: Warehouse) -> None:
    rows = [
        (table.name, precedence, check.reason, check.rule)
        for table in TABLES
        for precedence, check in enumerate(table.rejections)
    ]
    schema = ("table_name", "precedence", "reason", "rule")
    warehouse.load("reference", "checks", pl.DataFrame(rows, schema=schema, orient="row"))


def _refusal(warehouse: Warehouse, table: Table, check: Check) -> str:
    [(rows_read,)] = warehouse.rows("SELECT rows_read FROM received.row_counts WHERE table_name = ?", [table.name])
    if check.reason == "empty_table":
        return f"{table.name}: the table has no rows"
    reasons = warehouse.rows(
        f"SELECT reason, count(*) FROM outcome.{table.name} AS outcome INNER JOIN reference.checks "
        "ON checks.table_name = ? AND outcome.precedence = checks.precedence GROUP BY reason ORDER BY 2 DESC, 1",
        [table.name],
    )
    rejected = sum(count for _, count in reasons)
    allowed = warehouse.rows("SELECT getvariable('max_rejected_share')")[0][0]
    why = ", ".join(f"{reason} {count}" for reason, count in reasons)
    share = f"{rejected} of {rows_read} rows rejected ({rejected / rows_read:.1%})"
    return f"{table.name}: {share}, more than the {allowed:.1%} that the site allows: {why}"


def refusals_of_source(account: pl.DataFrame, allowed: float) -> list[str]:
    """Return one line for each source table of which more rows are rejected than the site allows."""
    is_rejected = pl.col("disposition") == "rejected"
    totals = account.group_by("source_table", maintain_order=True).agg(
        pl.col("rows").sum().alias("read"),
        pl.col("rows").filter(is_rejected).sum().alias("rejected"),
        pl.concat_str("reason", pl.lit(" "), pl.col("rows").cast(pl.String)).filter(is_rejected).alias("why"),
    )
    return [
        f"{name}: {rejected} of {read} rows of the source rejected ({rejected / read:.1%}), "
        f"more than the {allowed:.1%} that the site allows: {', '.join(why)}"
        for name, read, rejected, why in totals.iter_rows()
        if rejected > allowed * read
    ]
