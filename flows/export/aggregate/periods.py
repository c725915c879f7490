"""The fixed calendar of counts: which period is asked for, and the release that stands for it."""

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flows.days import iso_day
from flows.errors import Usage

WRITTEN = {"month": re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])"), "quarter": re.compile(r"([0-9]{4})-Q([1-4])")}
MONTHS = {"month": 1, "quarter": 3}


@dataclass(frozen=True, slots=True)
class Period:
    """A month or a quarter, by its name (2026-06, 2026-Q2) and its days, both inclusive."""

    name: str
    first: date
    last: date


def named(name: str, kind: str) -> Period:
    """Return a period by its name; Usage where the calendar has none of it."""
    found = WRITTEN[kind].fullmatch(name)
    if not found or not 1 <= int(found[1]) <= 9998:
        example = "2026-06" if kind == "month" else "2026-Q2"
        raise Usage(f"--period: the profile counts by {kind}, such as {example}")
    year, months = int(found[1]), MONTHS[kind]
    end = int(found[2]) * months
    last = date(year, end, calendar.monthrange(year, end)[1])
    return Period(name, date(year, end - months + 1, 1), last)


def over(day: date, kind: str) -> Period:
    """Return the last period that is over on a day: its own last day counts."""
    tomorrow = day + timedelta(days=1)
    months = MONTHS[kind]
    # The period of tomorrow has begun; the one before it is over.
    number = tomorrow.year * 12 // months + (tomorrow.month - 1) // months - 1
    year, place = divmod(number, 12 // months)
    return named(f"{year:04}-{place + 1:02}" if kind == "month" else f"{year:04}-Q{place + 1}", kind)


def first_release(releases: Iterable[tuple[str, Mapping[str, Any]]], period: Period) -> str | None:
    """Return the release of a period: the first with as-of on or after its last day, of one day's the earliest."""
    found = [
        (said["as_of"], str(said.get("started_at", "")), name)
        for name, said in releases
        if isinstance(said.get("as_of"), str) and iso_day(said["as_of"]) >= period.last
    ]
    return min(found)[2] if found else None
