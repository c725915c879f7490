"""A site's own CSV, read strictly: nothing in it is swallowed, moved or lost, or one line says where it is wrong."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from flows.errors import Usage

Row = tuple[int, dict[str, str]]


def rows(file: Path, called: str, needed: Sequence[str]) -> list[Row]:
    """Return the rows by the names of the header, each with its line number; Usage where the file is wrong."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(_whole_lines(called, lines), strict=True)
            header = [name.strip() for name in next(reader, [])]
            _hold_header(called, header, needed)
            full = _full(called, reader, len(header))
            return [(reader.line_num, dict(zip(header, row, strict=True))) for row in full]
    except UnicodeDecodeError:
        raise Usage(f"{called} is not UTF-8") from None
    except OSError:
        raise Usage(f"{called} cannot be read") from None
    except csv.Error:
        raise wrong(called, reader.line_num, "is no CSV: an open quote, or text after a closing one") from None


def wrong(called: str, line: int, what: str) -> Usage:
    """Return the error that names a line."""
    return Usage(f"{called}, line {line}: {what}")


def _whole_lines(called: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield lines that close each quote that they open: an open one would swallow the rows after it."""
    for number, line in enumerate(lines, start=1):
        if line.count('"') % 2:
            raise wrong(called, number, "a quote is open at its end")
        if "\0" in line:
            raise wrong(called, number, "holds a NUL")
        yield line


def _hold_header(called: str, header: Sequence[str], needed: Sequence[str]) -> None:
    if lacking := [column for column in needed if column not in header]:
        raise Usage(f"{called} lacks the column {', '.join(lacking)}")
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise Usage(f"{called} has the column {twice[0]} twice")


def _full(called: str, reader: Any, width: int) -> Iterator[list[str]]:
    """Yield the rows; one of another width has lost a field, or has a comma in one, and would mean something else."""
    for row in reader:
        if not row:
            continue
        if len(row) != width:
            raise wrong(called, reader.line_num, f"has {len(row)} fields, and the header {width}")
        yield row
