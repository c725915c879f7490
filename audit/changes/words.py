"""The sentence of a cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from audit.calendar import EPOCH, iso


@dataclass(frozen=True, slots=True)
class Between:
    """What lies between two nights: the ends of their feeds (days), what they are judged by, and their tables."""

    ended: int
    ends: int
    by: tuple[str, ...]
    appeared: tuple[str, ...]
    missing: tuple[str, ...]


def sentence(between: Between) -> pl.Expr:
    """Return the sentence of `cause`, of `cause_rows` where rows were the news."""
    by = ", ".join(between.by)
    ended, ends = (iso(pl.lit(day)) for day in (between.ended, between.ends))
    said: Mapping[str, pl.Expr] = {
        "edition": pl.lit(f"What it is judged by is not what it was: {by}."),
        "edition_or_data": pl.format(
            f"What rows are read and judged by is not what it was ({by}), and with it {{}}.", _rows()
        ),
        "feed": pl.lit(_feed(between)),
        "patient_gone": pl.lit("The extract has the patient no more."),
        "corrected": pl.format("Corrected, taken back, rejected or no longer sent: {}.", _rows()),
        "late": pl.format("Came late, dated up to {}: {}.", ended, _rows()),
        "time": pl.format("Time has passed: the feed ends on {}, and ended on {}.", ends, ended),
        "fresh": pl.format("New after {}: {}.", ended, _rows()),
        "unexplained": pl.lit("Neither rows, nor what they are judged by, nor time explains it."),
    }
    text = pl.lit(None, dtype=pl.String)
    for cause, words in said.items():
        text = pl.when(pl.col("cause") == cause).then(words).otherwise(text)
    return text


def _rows() -> pl.Expr:
    """Return how many rows were the news, and of which tables."""
    tables = pl.col("cause_rows").list.eval(pl.element().str.split(":").list.first().unique().sort()).list.join(", ")
    n = pl.col("cause_rows").list.len()
    return pl.format("{} {} of {}", n, pl.when(n == 1).then(pl.lit("row")).otherwise(pl.lit("rows")), tables).fill_null(
        "no row"
    )


def _feed(between: Between) -> str:
    """Return what became of the feed."""
    parts = []
    if between.appeared:
        parts.append(f"the extract has {', '.join(between.appeared)} now")
    if between.missing:
        parts.append(f"the extract lacks {', '.join(between.missing)} now")
    if between.ends < between.ended:
        ends, ended = (EPOCH + timedelta(days=day) for day in (between.ends, between.ended))
        parts.append(f"the feed ends on {ends}, and ended on {ended}")
    said = "; ".join(parts)
    return f"{said[:1].upper()}{said[1:]}."
