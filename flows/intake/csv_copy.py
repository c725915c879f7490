"""A CSV part of a table, copied into Parquet as text, whatever it holds.

The copy lets both forms be scanned alike and keeps memory bounded. DuckDB reads a file at a stroke; where it meets more
than a few broken lines, or line ends of several kinds, the lines are parted one by one (csv_lines). A broken line is
a bad row and kept as such; a file that is not UTF-8, or that cannot be read to its end, is refused.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TextIO, cast

import polars as pl

from flows.errors import Refused
from flows.intake.csv_lines import FIELDS, SHOWN, Broken, Parting
from flows.intake.extract import Part
from flows.warehouse import NOT_THE_FILES, Fault, Warehouse, identifier, quoted

BAD_WIDTH = ("MISSING COLUMNS", "TOO MANY COLUMNS")
BAD_ENCODING = "INVALID ENCODING"
FEW = 20  # errors that are taken from DuckDB, which keeps each line whole: beyond, lines are parted here
OPTIONS = (
    "auto_detect = false, header = true, quote = '\"', escape = '\"', store_rejects = true, "
    f"rejects_table = 'bad_lines', rejects_scan = 'bad_scans', rejects_limit = {FEW + 1}"
)
BATCH = 1_000
BLOCK = 1 << 20
LONGEST_HEADER = 1 << 20  # characters; a contract's is of some hundred
MALFORMED = pl.Schema({"table_name": pl.String(), "line": pl.String(), "detail": pl.String()})
Keep = Callable[[pl.DataFrame], None]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the fields of a CSV are written; the contract's own files are UTF-8 with commas."""

    separator: str = ","
    encoding: str = "utf-8"  # utf-8, utf-16 or latin-1: what DuckDB reads without an extension


CONTRACT = Dialect()


class Unsure(Exception):  # noqa: N818 - named by what DuckDB's reader is of the lines
    """DuckDB's reader did not get through, or not without more than a few broken lines."""


def header_of(part: Part, dialect: Dialect = CONTRACT) -> list[str]:
    """Return the column names of a CSV; Refused where the file is empty, not UTF-8 or damaged."""
    with _refusing(part), _opened(part, dialect) as lines:
        header = next(csv.reader(_first_lines(lines), delimiter=dialect.separator), [])
    if not any(header):
        raise Refused(f"{part.label}: the file is empty; a table begins with the names of its columns", part.name)
    return header


def copy_csv(
    warehouse: Warehouse,
    part: Part,
    header: Sequence[str],
    actual: Mapping[str, str | None],
    to: Path,
    keep: Keep,
    dialect: Dialect = CONTRACT,
) -> int:
    """Copy the declared columns (`actual`: each as written in the header, or None) and return the number of rows.

    Lines that are no rows go to `keep`, some at once (MALFORMED).
    """
    columns = ", ".join(
        f"{'CAST(NULL AS VARCHAR)' if written is None else f'c{header.index(written)}'} AS {identifier(name)}"
        for name, written in actual.items()
    )
    copying = Copying(warehouse, part, columns, len(header), to, keep)
    try:
        return copying.at_a_stroke(dialect)
    except Unsure:
        return copying.line_by_line(dialect)


@dataclass(frozen=True, slots=True)
class Copying:
    """One part on its way into Parquet: the SELECT list of its declared columns, and how many fields a row has."""

    warehouse: Warehouse
    part: Part
    columns: str
    width: int
    to: Path
    keep: Keep

    def at_a_stroke(self, dialect: Dialect) -> int:
        """Copy by DuckDB's reader; Unsure where it cannot, or where many lines are broken."""
        try:
            rows = self._copy(self.part.path, dialect)
            errors = self.warehouse.rows("SELECT CAST(error_type AS VARCHAR), count(*) FROM bad_lines GROUP BY 1")
            if BAD_ENCODING in (kind for kind, _ in errors):
                raise not_utf8(self.part)
            if not errors:
                return rows
            if dialect.encoding != "utf-8" or {kind for kind, _ in errors} - set(BAD_WIDTH):
                raise Unsure
            if sum(count for _, count in errors) > FEW:
                raise Unsure
            self.keep(self._malformed(self._few()))
            return rows
        except NOT_THE_FILES:
            raise
        except Fault:
            raise Unsure from None
        finally:
            self.warehouse.run("DROP TABLE IF EXISTS bad_lines")
            self.warehouse.run("DROP TABLE IF EXISTS bad_scans")

    def line_by_line(self, dialect: Dialect) -> int:
        """Part the good lines from the broken ones, then copy the good ones."""
        plain = self.to.with_suffix(".csv")
        try:
            with (
                _refusing(self.part),
                _opened(self.part, dialect) as content,
                plain.open("w", encoding="utf-8", newline="") as good,
            ):
                parting = Parting(content, good, dialect.separator, self.width)
                broken = parting.broken()
                while some := list(islice(broken, BATCH)):
                    self.keep(self._malformed(some))
            rows = self._copy(plain, Dialect(dialect.separator))
            if rows != parting.rows or self.warehouse.number("SELECT count(*) FROM bad_lines"):
                raise damaged(self.part)
        except NOT_THE_FILES:
            raise
        except Fault:
            raise damaged(self.part) from None
        finally:
            plain.unlink(missing_ok=True)
            self.warehouse.run("DROP TABLE IF EXISTS bad_lines")
            self.warehouse.run("DROP TABLE IF EXISTS bad_scans")
        return rows

    def _copy(self, path: Path, dialect: Dialect) -> int:
        form = f"delim = {quoted(dialect.separator)}, encoding = {quoted(dialect.encoding)}, {OPTIONS}"
        names = {f"c{place}": "VARCHAR" for place in range(self.width)}
        source = self.warehouse.files.csv(path, names, form)
        return self.warehouse.copy(f"SELECT {self.columns} FROM {source}", self.to)

    def _few(self) -> Iterator[Broken]:
        """Yield the broken lines that DuckDB kept, with their numbers in the file: it counts records."""
        kept = self.warehouse.rows(
            "SELECT DISTINCT line_byte_position, ltrim(csv_line, e'\\r\\n'), "
            "length(csv_line) - length(ltrim(csv_line, e'\\r\\n')) FROM bad_lines ORDER BY 1"
        )
        numbers = _numbers(self.part, [position + ends for position, _, ends in kept])
        for number, (_, text, _) in zip(numbers, kept, strict=True):
            cut = text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text):,} characters)"
            yield Broken(number, FIELDS, cut)

    def _malformed(self, broken: Iterable[Broken]) -> pl.DataFrame:
        where = "" if self.part.of == 1 else f"file {self.part.place} of {self.part.of}, "
        rows = [(self.part.table, one.text, f"{one.rule}: {where}line {one.number}") for one in broken]
        return pl.DataFrame(rows, schema=MALFORMED, orient="row")


def not_utf8(part: Part) -> Refused:
    """Return the refusal of a file in another encoding."""
    return Refused(f"{part.label}: not UTF-8 (Latin-1 or Windows-1252?); write the extract as UTF-8", part.name)


def damaged(part: Part) -> Refused:
    """Return the refusal of a file that cannot be read to its end."""
    return Refused(f"{part.label}: not readable as CSV (truncated, or damaged)", part.name)


@contextmanager
def _refusing(part: Part) -> Iterator[None]:
    try:
        yield
    except UnicodeError:
        raise not_utf8(part) from None
    except (OSError, EOFError, csv.Error, zlib.error):
        raise damaged(part) from None


def _bytes(part: Part) -> IO[bytes]:
    is_packed = part.path.name.lower().endswith(".gz")
    return cast("IO[bytes]", gzip.open(part.path) if is_packed else part.path.open("rb"))


@contextmanager
def _opened(part: Part, dialect: Dialect) -> Iterator[TextIO]:
    encoding = "utf-8-sig" if dialect.encoding == "utf-8" else dialect.encoding
    with _bytes(part) as raw, io.TextIOWrapper(raw, encoding, newline="") as content:
        yield content


def _first_lines(lines: TextIO) -> Iterator[str]:
    """Yield lines up to a length that no header has; what goes on without an end is none."""
    left = LONGEST_HEADER
    while left > 0 and (line := lines.readline(left)):
        left -= len(line)
        yield line
    if left <= 0:
        raise csv.Error


def _numbers(part: Part, positions: Sequence[int]) -> list[int]:
    """Return the number of the line that begins at each byte, as an editor counts lines; positions rise."""
    numbers, at, number, before = [], 0, 1, b""
    with _bytes(part) as content:
        for position in positions:
            while at < position:
                block = content.read(min(BLOCK, position - at))
                if not block:
                    break
                pair = before == b"\r" and block.startswith(b"\n")
                number += block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n") - pair
                before, at = block[-1:], at + len(block)
            numbers.append(number)
    return numbers
