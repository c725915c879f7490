"""Days are integers inside (days since 1970-01-01) and dates outside: each that leaves can be read by any reader."""

from datetime import date
from typing import Final

import polars as pl

EPOCH: Final = date(1970, 1, 1)
FIRST, LAST = ((edge - EPOCH).days for edge in (date.min, date.max))
# No record can mean an end so late, de-identified ones of the 2200s included: 9999-12-31 and its like stand for an end
# that nobody knows.
OPEN_FROM = (date(2250, 1, 1) - EPOCH).days
ENDS = ("observation_end", "death_date", "end_date", "discharged_on")


def as_days(frame: pl.DataFrame) -> pl.LazyFrame:
    """Return a staged frame with its dates as integers, and with null for an end that stands for none."""
    days = frame.lazy().with_columns(pl.col(pl.Date).cast(pl.Int32))
    ends = [name for name in ENDS if name in frame.columns]
    return days.with_columns(pl.when(pl.col(name) < OPEN_FROM).then(name) for name in ends)


def as_dates(days: pl.Expr) -> pl.Expr:
    """Return days as dates; one that lies beyond the calendar (years 1 to 9999) as its first or last day."""
    return days.clip(FIRST, LAST).cast(pl.Int32).cast(pl.Date)


def iso(days: pl.Expr) -> pl.Expr:
    """Return days as ISO dates in words."""
    return as_dates(days).dt.to_string("%Y-%m-%d")


def if_ever(days: pl.Expr) -> pl.Expr:
    """Return days as dates, null where they lie beyond the calendar: what waits for such a day never comes."""
    return pl.when(days.is_between(FIRST, LAST)).then(as_dates(days))
