"""Days of instants: no day may shift in silence (rules.md section 2).

Where no time zone of the site is told, a column of text that states local offsets counts its days as written and a
typed column with a named zone is read in that zone; what is in UTC stops the run, for its day at the site is unknown.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from flows.errors import Usage
from flows.files import quoted
from flows.warehouse import Warehouse, identifier

INSTANT = "TIMESTAMP WITH TIME ZONE"
NANO_INSTANT = "TIMESTAMPTZ_NS"  # which pandas writes; the functions of days take the other alone
UTC = "UTC"
UTC_NAMES = re.compile(r"(etc/)?(utc|uct|gmt([+-]?0)?|greenwich|universal|zulu)|z|[+-]?00(:?00)?", re.IGNORECASE)
FIXED = re.compile(r"([+-])(\d{2}):?(\d{2})")
SEVERAL, LOCAL = "several", "local"
SUMMER_AND_WINTER = ({60}, {-60})  # minutes beside those of UTC
# The offset is found in a step of its own: a macro binds what it is handed wherever it names it.
STATED = """
WITH
stated AS (SELECT {column} AS written, offset_in({column}) AS "offset" FROM {relation} WHERE may_state_offset({column}))

SELECT
    minutes_of("offset"),
    bool_and(at_midnight(written)),
    bool_and(at_midnight(written) OR (is_place("offset") AND is_by_day(written)))
FROM stated
WHERE "offset" IS NOT NULL
GROUP BY 1
"""
TELL = "tell time_zone in the site file: a day must not shift"


def zones(paths: Sequence[Path]) -> dict[str, str]:
    """Return the columns of Parquet files that hold instants, each with its zone, UTC or SEVERAL.

    The zone's name stands only in the Arrow schema. INT96 without one is an instant in UTC, as Spark and Impala's heirs
    write it. SEVERAL: the files differ, and read together the one would shift the days of the other.
    """
    found: dict[str, set[str]] = {}
    for path in paths:
        for name, zone in _zones_of(path).items():
            found.setdefault(name, set()).add(zone)
    return {name: zones.pop() if len(zones) == 1 else SEVERAL for name, zones in found.items() if zones != {LOCAL}}


def _zones_of(path: Path) -> dict[str, str]:
    """Return the columns of days and times in one Parquet file, each with its zone; LOCAL without one."""
    with path.open("rb") as content, pq.ParquetFile(content) as file:  # a name that is not UTF-8 is a name too
        schema, metadata = file.schema_arrow, file.metadata
        is_arrow = b"ARROW:schema" in (metadata.metadata or {})
        physical = {
            file.schema.column(place).path: file.schema.column(place).physical_type
            for place in range(metadata.num_columns)
        }
    found = {}
    for field in schema:
        if pa.types.is_timestamp(field.type) and field.type.tz:
            found[field.name] = UTC if UTC_NAMES.fullmatch(field.type.tz) else field.type.tz
        elif pa.types.is_timestamp(field.type) and physical.get(field.name) == "INT96" and not is_arrow:
            found[field.name] = UTC
        elif pa.types.is_temporal(field.type):
            found[field.name] = LOCAL
    return found


def typed(table: str, column: str, name: str, kind: str, zone: str | None, site_zone: str | None) -> str:
    """Return the SQL of a typed column of days or times; Usage where its day at the site cannot be known."""
    if zone == SEVERAL:
        raise Usage(f"{table}: the column {column} holds instants of several time zones, or of none, in its files")
    if kind not in (INSTANT, NANO_INSTANT) and zone is None:
        return name
    instant = name if kind in (INSTANT, NANO_INSTANT) else f"timezone('UTC', {name})"
    if site_zone is not None:
        return instant
    if zone is None or zone == UTC:
        raise Usage(f"{table}: the column {column} holds instants in UTC; {TELL}")
    if fixed := FIXED.fullmatch(zone):
        sign, hours, minutes = fixed.groups()
        return f"written_with({instant}, {sign}{int(hours) * 60 + int(minutes)})"
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise Usage(f"{table}: the column {column} holds instants of an unknown time zone; {TELL}") from None
    return f"written_in({instant}, {quoted(zone)})"


def require_days(warehouse: Warehouse, table: str, relation: str, columns: Sequence[str]) -> list[str]:
    """Return the columns of text that state +00:00 alone and by day; Usage for one in UTC, with any time but midnight.

    A column that states the offset of UTC beside one an hour away is of a place that keeps both, such as London. One
    that states +00:00 alone, which is a local offset too, is believed as long as none of its times lies in the night:
    a site elsewhere draws and prescribes at hours that fall there, and only they change the day. "Z" says that the
    local offset is unknown (RFC 9557), and so does -00:00.
    """
    believed = []
    for column in _of_times(warehouse, relation, columns):
        rows = warehouse.rows(STATED.format(column=identifier(column), relation=relation))
        found = {minutes: (is_midnight, is_harmless) for minutes, is_midnight, is_harmless in rows}
        is_midnight, is_harmless = found.pop(0, (True, True))
        if is_midnight or set(found) in SUMMER_AND_WINTER:
            continue
        if found or not is_harmless:
            raise Usage(f"{table}: the column {column} holds times in UTC{', beside others' if found else ''}; {TELL}")
        believed.append(column)
    return believed


def _of_times(warehouse: Warehouse, relation: str, columns: Sequence[str]) -> list[str]:
    """Return the columns in which a text is longer than a day alone: no other can state an offset."""
    longer = ", ".join(f"coalesce(max(strlen({identifier(column)})) > 10, FALSE)" for column in columns)
    [found] = warehouse.rows(f"SELECT {longer} FROM {relation}")
    return [column for column, is_longer in zip(columns, found, strict=True) if is_longer]
