"""A CSV part of a table, copied into Parquet as text, whatever it holds.

The copy lets both forms be scanned alike and keeps memory bounded. A line of the wrong width is a bad row and is
kept as such; a file whose lines cannot be told apart, or that is not UTF-8, is refused.
"""

import csv
import gzip
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from flows.errors import Refused
from flows.extract import Part
from flows.warehouse import Warehouse, identifier, literal, quoted, refusing

BAD_WIDTH = ("MISSING COLUMNS", "TOO MANY COLUMNS")
BAD_ENCODING = "INVALID ENCODING"
OPTIONS = (
    "auto_detect = false, header = true, quote = '\"', escape = '\"', "
    "store_rejects = true, rejects_table = 'bad_lines', rejects_scan = 'bad_scans'"
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the fields of a CSV are written; the contract's own files are UTF-8 with commas."""

    separator: str = ","
    encoding: str = "utf-8"  # utf-8, utf-16 or latin-1: what DuckDB reads without an extension


CONTRACT = Dialect()


def header_of(table: str, part: Part, dialect: Dialect = CONTRACT) -> list[str]:
    """Return the column names of a CSV; Refused where the file is empty, not UTF-8 or damaged."""
    opened = gzip.open if part.path.name.endswith(".gz") else open
    encoding = "utf-8-sig" if dialect.encoding == "utf-8" else dialect.encoding
    try:
        with opened(part.path, "rb") as raw, io.TextIOWrapper(cast("IO[bytes]", raw), encoding, newline="") as lines:
            header = next(csv.reader(lines, delimiter=dialect.separator), [])
    except UnicodeDecodeError:
        raise Refused(not_utf8(table, part)) from None
    except (OSError, EOFError, csv.Error):
        raise Refused(damaged(table, part)) from None
    if not any(header):
        raise Refused(f"{table}: {part.name} is empty; a table begins with the names of its columns")
    return header


def copy_csv(
    warehouse: Warehouse,
    malformed: str,
    table: str,
    part: Part,
    header: Sequence[str],
    actual: Mapping[str, str | None],
    to: Path,
    dialect: Dialect = CONTRACT,
) -> int:
    """Copy the declared columns (`actual`: each as written in the header, or None) and return the number of rows.

    Lines of the wrong width go to the table `malformed`, numbered from 1 within the received table.
    """
    names = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(header)))
    columns = ", ".join(
        f"{'CAST(NULL AS VARCHAR)' if written is None else f'c{header.index(written)}'} AS {identifier(name)}"
        for name, written in actual.items()
    )
    form = f"delim = {quoted(dialect.separator)}, encoding = {quoted(dialect.encoding)}, {OPTIONS}"
    source = f"read_csv({literal(part.path)}, columns = {{{names}}}, {form})"
    try:
        with refusing(damaged(table, part)):
            count = warehouse.number(f"COPY (SELECT {columns} FROM {source}) TO {literal(to)} (FORMAT parquet)")
        _keep_bad_lines(warehouse, malformed, table, part)
    finally:
        warehouse.run("DROP TABLE IF EXISTS bad_lines")
        warehouse.run("DROP TABLE IF EXISTS bad_scans")
    return count


def _keep_bad_lines(warehouse: Warehouse, malformed: str, table: str, part: Part) -> None:
    for line, kind in warehouse.rows(
        "SELECT min(line), CAST(error_type AS VARCHAR) FROM bad_lines GROUP BY 2 ORDER BY 2"
    ):
        if kind == BAD_ENCODING:
            raise Refused(not_utf8(table, part))
        if kind not in BAD_WIDTH:
            raise Refused(f"{table}: {part.name}, line {line} cannot be read ({kind.lower()})")
    warehouse.run(
        f"INSERT INTO {malformed} "
        "SELECT $1, before.row_count + row_number() OVER (ORDER BY line), line_text "
        "FROM (SELECT line, any_value(csv_line) AS line_text FROM bad_lines GROUP BY line) "
        f"CROSS JOIN (SELECT count(*) AS row_count FROM {malformed} WHERE table_name = $1) AS before",
        [table],
    )


def not_utf8(table: str, part: Part) -> str:
    """Return the line that refuses a file in another encoding."""
    return f"{table}: {part.name} is not UTF-8 (Latin-1 or Windows-1252?); write the extract as UTF-8"


def damaged(table: str, part: Part) -> str:
    """Return the line that refuses a file that cannot be read to its end."""
    return f"{table}: {part.name} is not readable as CSV (truncated, or damaged)"
