"""A site's own readings of dosage texts: `dosage_readings.csv` beside its code lists, text -> milligrams a day."""

import math
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from flows import strict_csv
from flows.dosage.tokens import level

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
                    raise strict_csv.wrong(FILE, line, "the text has another reading before")
    return pl.DataFrame(sorted(found.values(), key=lambda row: row[0]), schema=SCHEMA, orient="row")


def _rows(file: Path) -> list[tuple[int, Row]]:
    return [(line, _row(row, line)) for line, row in strict_csv.rows(file, FILE, NEEDED)]


def _row(row: dict[str, str], line: int) -> Row:
    text = level(row["text"])
    frequency = (row.get("frequency") or "").strip().upper() or None
    try:
        mg = float(row["mg_per_day"])
    except ValueError:
        mg = math.nan
    if not text:
        raise strict_csv.wrong(FILE, line, "text must be given")
    if not math.isfinite(mg) or mg < 0:
        raise strict_csv.wrong(FILE, line, "mg_per_day is no number from 0")
    if frequency is not None and frequency not in FREQUENCIES:
        raise strict_csv.wrong(FILE, line, f"frequency is one of {', '.join(FREQUENCIES)}, or empty")
    return text, mg, frequency
