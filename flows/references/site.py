"""The site file: what a hospital sets for itself, in TOML.

The site's own keys are `time_zone`, `max_rejected_share`, `max_extract_age_days`, `max_result_age_days`, `act_now_days`
and the table of upper limits `[[uln]]`; every other key is laid over the guideline edition by name, and the edition
refuses a name that it does not have.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from audit.parameters import ACT_NOW_DAYS
from flows.errors import Usage

AGES = ("max_extract_age_days", "max_result_age_days", "act_now_days")
OWN = ("time_zone", "max_rejected_share", *AGES, "uln")
LIMIT_KEYS = {"analyte": str, "value": float, "unit": str, "sex": str, "from": date, "to": date}
ALWAYS = (date(1, 1, 1), date(9999, 12, 31))
MAX_AGE = (ALWAYS[1] - ALWAYS[0]).days  # no two days lie further apart


@dataclass(frozen=True, slots=True)
class Limit:
    """An upper limit of normal for results that print none; both days inclusive, no sex for everybody."""

    analyte: str
    value: float
    unit: str | None
    sex: str | None
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Site:
    """A site's own settings; `overlay` goes to `audit.guideline.overlay`."""

    overlay: Mapping[str, Any] = field(default_factory=dict)
    time_zone: str | None = None
    max_rejected_share: float = 0.05
    max_extract_age_days: int = 7
    max_result_age_days: int = 7
    act_now_days: int = ACT_NOW_DAYS
    uln: tuple[Limit, ...] = ()


def load(path: Path | None = None) -> Site:
    """Read a site file, or return the defaults; raise Usage naming the key that is wrong."""
    if path is None:
        return Site()
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Usage(f"site file {path} does not exist") from None
    except (OSError, ValueError, RecursionError) as error:  # ValueError: also a number of too many digits
        raise Usage(f"site file {path.name} is not readable TOML: {error}") from None
    return Site(
        overlay={key: value for key, value in given.items() if key not in OWN},
        time_zone=_time_zone(given["time_zone"]) if "time_zone" in given else None,
        max_rejected_share=_share(given.get("max_rejected_share", Site().max_rejected_share)),
        **{key: _age(key, given[key]) for key in AGES if key in given},
        uln=_limits(given.get("uln", [])),
    )


def _time_zone(value: object) -> str:
    if not isinstance(value, str):
        raise _wrong("time_zone", "must be a name")
    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, OSError):
        raise _wrong("time_zone", f"knows no zone '{value}'") from None


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise _wrong("max_rejected_share", "must be a share between 0 and 1")
    return float(value)


def _age(key: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_AGE:
        raise _wrong(key, f"must be a whole number of days, 0 to {MAX_AGE}")
    return value


def _limits(value: object) -> tuple[Limit, ...]:
    if not isinstance(value, list):
        raise _wrong("uln", "must be a list of tables, [[uln]]")
    limits = tuple(_limit(item) for item in value)
    for place, limit in enumerate(limits):
        for other in limits[:place]:
            same = (limit.analyte, limit.sex) == (other.analyte, other.sex)
            if same and limit.first <= other.last and other.first <= limit.last:
                raise _wrong("uln", f"has two limits of {limit.analyte} for one day")
    return limits


def _limit(item: object) -> Limit:
    if not isinstance(item, dict):
        raise _wrong("uln", "must be a list of tables, [[uln]]")
    if unknown := sorted(set(item) - set(LIMIT_KEYS)):
        raise _wrong("uln", f"has no key '{unknown[0]}'")
    for key, kind in LIMIT_KEYS.items():
        if key in item and type(item[key]) not in ((int, float) if kind is float else (kind,)):
            raise _wrong("uln", f"{key} must be a {kind.__name__}")
    value = item.get("value", 0)
    if "analyte" not in item or not (value > 0 and math.isfinite(_as_float(value))):
        raise _wrong("uln", "needs an analyte and a finite value above 0")
    if item.get("sex") not in (None, "F", "M"):
        raise _wrong("uln", "sex must be F or M")
    first, last = item.get("from", ALWAYS[0]), item.get("to", ALWAYS[1])
    if first > last:
        raise _wrong("uln", f"of {item['analyte']} ends before it begins")
    return Limit(item["analyte"], float(item["value"]), item.get("unit"), item.get("sex"), first, last)


def _as_float(value: float) -> float:
    """Return a number as a float; TOML's whole numbers know no bound, and one too large for a float is endless."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _wrong(key: str, what: str) -> Usage:
    return Usage(f"site file: {key} {what}")
