"""A CSV part of a table, copied into Parquet as text, whatever it holds.

The copy lets both forms be scanned alike and keeps memory bounded. A line of the wrong width is a bad row and is
kept as such; a file whose lines cannot be told apart, or that is not UTF-8, is refused.
"""

import csv
import gzip
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, cast

from expectations.declare import Table
from flows.errors import Refused
from flows.extract import Part
from flows.warehouse import Warehouse, identifier, literal, refusing

BAD_WIDTH = ("MISSING COLUMNS", "TOO MANY COLUMNS")
BAD_ENCODING = "INVALID ENCODING"
OPTIONS = (
    "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', "
    "store_rejects = true, rejects_table = 'bad_lines', rejects_scan = 'bad_scans'"
)


def header_of(table: Table, part: Part) -> list[str]:
    """Return the column names of a CSV; Refused where the file is empty, not UTF-8 or damaged."""
    opened = gzip.open if part.path.name.endswith(".gz") else open
    try:
        with opened(part.path, "rb") as raw, io.TextIOWrapper(cast("IO[bytes]", raw), "utf-8-sig", newline="") as lines:
            header = next(csv.reader(lines), [])
    except UnicodeDecodeError:
        raise Refused(not_utf8(table, part)) from None
    except (OSError, EOFError, csv.Error):
        raise Refused(damaged(table, part)) from None
    if not any(header):
        raise Refused(f"{table.name}: {part.name} is empty; a table begins with the names of its columns")
    return header


def copy_csv(
    warehouse: Warehouse, table: Table, part: Part, header: Sequence[str], actual: Mapping[str, str], to: Path
) -> int:
    """Copy the declared columns (`actual`: as written in the header) and return the number of rows.

    Lines of the wrong width go to `received.malformed`, numbered from 1 within the table.
    """
    names = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(header)))
    place_of = {name: header.index(written) for name, written in actual.items()}
    columns = ", ".join(
        f"{f'c{place_of[name]}' if name in place_of else 'CAST(NULL AS VARCHAR)'} AS {identifier(name)}"
        for name in (column.name for column in table.columns)
    )
    source = f"read_csv({literal(part.path)}, columns = {{{names}}}, {OPTIONS})"
    try:
        with refusing(damaged(table, part)):
            count = warehouse.number(f"COPY (SELECT {columns} FROM {source}) TO {literal(to)} (FORMAT parquet)")
        _keep_bad_lines(warehouse, table, part)
    finally:
        warehouse.run("DROP TABLE IF EXISTS bad_lines")
        warehouse.run("DROP TABLE IF EXISTS bad_scans")
    return count


def _keep_bad_lines(warehouse: Warehouse, table: Table, part: Part) -> None:
    for line, kind in warehouse.rows(
        "SELECT min(line), CAST(error_type AS VARCHAR) FROM bad_lines GROUP BY 2 ORDER BY 2"
    ):
        if kind == BAD_ENCODING:
            raise Refused(not_utf8(table, part))
        if kind not in BAD_WIDTH:
            raise Refused(f"{table.name}: {part.name}, line {line} cannot be read ({kind.lower()})")
    warehouse.run(
        "INSERT INTO received.malformed "
        "SELECT $1, before.row_count + row_number() OVER (ORDER BY line), line_text "
        "FROM (SELECT line, any_value(csv_line) AS line_text FROM bad_lines GROUP BY line) "
        "CROSS JOIN (SELECT count(*) AS row_count FROM received.malformed WHERE table_name = $1) AS before",
        [table.name],
    )


def not_utf8(table: Table, part: Part) -> str:
    """Return the line that refuses a file in another encoding."""
    return f"{table.name}: {part.name} is not UTF-8 (Latin-1 or Windows-1252?); write the extract as UTF-8"


def damaged(table: Table, part: Part) -> str:
    """Return the line that refuses a file that cannot be read to its end."""
    return f"{table.name}: {part.name} is not readable as CSV (truncated, or damaged)"
