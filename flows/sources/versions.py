"""Versions of one id of which a mapping rejects some: where the latest is rejected, an older one does not come back."""

from pathlib import Path

from flows.warehouse import Warehouse

OLDER = "later_version_rejected"
RECORDED = "coalesce(as_instant(recorded_at), CAST('-infinity' AS TIMESTAMPTZ))"
IS_KNOWN = "coalesce(as_day(recorded_at) <= getvariable('as_of'), TRUE)"
IS_GOOD = "mapped.rejected IS NULL AND mapped.left_out IS NULL"


def reject_older(warehouse: Warehouse, id_column: str, file: Path) -> None:
    """Reject the good versions of an id up to the last rejected one that the as-of date knows, in the mapped file."""
    whole = warehouse.files.parquet([file])
    broken = (
        f"SELECT {id_column}, max({RECORDED}) AS last FROM {whole} "
        f"WHERE rejected IS NOT NULL AND {id_column} IS NOT NULL AND {IS_KNOWN} GROUP BY {id_column}"
    )
    # Nearly always there is nothing to do: a mapping rejects little, and of ids that come once.
    repeated = f"SELECT count(*) FROM {whole} AS mapped SEMI JOIN ({broken}) USING ({id_column}) WHERE {IS_GOOD}"
    if not warehouse.number(repeated):
        return
    older = file.with_suffix(".older.parquet")
    warehouse.copy(
        f"SELECT mapped.* REPLACE (CASE WHEN {IS_GOOD} AND {RECORDED} <= broken.last THEN '{OLDER}' "
        f"ELSE mapped.rejected END AS rejected) FROM {whole} AS mapped "
        f"LEFT JOIN ({broken}) AS broken ON mapped.{id_column} = broken.{id_column}",
        older,
    )
    older.rename(file)
