"""A site's own readings of dosage texts: `dosage_readings.csv` beside its code lists, text -> milligrams a day."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from flows.errors import Usage
from flows.sources.dosage.tokens import level

FILE = "dosage_readings.csv"
NEEDED = ("text", "mg_per_day")
FREQUENCIES = ("QD", "QOD", "BID", "TID", "QID")
SCHEMA = pl.Schema({"text": pl.String(), "mg_a_day": pl.Float64(), "frequency": pl.String()})
Row = tuple[str, float, str | None]


def load(folders: Sequence[Path]) -> pl.DataFrame:
    """Return the readings of all folders, sorted, each text levelled; Usage naming the line that is wrong."""
    found: dict[str, Row] = {}
    for folder in folders:
        if (file := folder / FILE).is_file():
            for line, row in _rows(file):
                if found.setdefault(row[0], row) != row:
                    raise Usage(f"{FILE}, line {line}: the text has another reading before")
    return pl.DataFrame(sorted(found.values(), key=lambda row: row[0]), schema=SCHEMA, orient="row")


def _rows(file: Path) -> list[tuple[int, Row]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            if lacking := [column for column in NEEDED if column not in (reader.fieldnames or ())]:
                raise Usage(f"{FILE} lacks the column {', '.join(lacking)}")
            return [(reader.line_num, _row(row, reader.line_num)) for row in reader]
    except UnicodeDecodeError:
        raise Usage(f"{FILE} is not UTF-8") from None
    except csv.Error:
        raise Usage(f"{FILE} is no CSV") from None


def _row(row: dict[str, str | None], line: int) -> Row:
    text = level(row.get("text") or "")
    frequency = (row.get("frequency") or "").strip().upper() or None
    try:
        mg = float(row.get("mg_per_day") or "")
    except ValueError:
        mg = math.nan
    if None in row or not text:
        raise Usage(f"{FILE}, line {line}: text and mg_per_day must be given, and nothing beyond the header")
    if not math.isfinite(mg) or mg < 0:
        raise Usage(f"{FILE}, line {line}: mg_per_day is no number from 0")
    if frequency is not None and frequency not in FREQUENCIES:
        raise Usage(f"{FILE}, line {line}: frequency is one of {', '.join(FREQUENCIES)}, or empty")
    return text, mg, frequency
