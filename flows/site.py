"""The site file: what a hospital sets for itself, in TOML.

Four keys are the site's own: `time_zone`, `max_rejected_share` and the table of upper limits `[[uln]]`; every other
key is laid over the guideline edition by name, and the edition refuses a name that it does not have.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flows.errors import Usage

OWN = ("time_zone", "max_rejected_share", "uln")
LIMIT_KEYS = {"analyte": str, "value": float, "unit": str, "sex": str, "from": date, "to": date}
ALWAYS = (date(1, 1, 1), date(9999, 12, 31))


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
    time_zone: str = "UTC"
    max_rejected_share: float = 0.05
    uln: tuple[Limit, ...] = ()


def load(path: Path | None = None) -> Site:
    """Read a site file, or return the defaults; raise Usage naming the key that is wrong."""
    if path is None:
        return Site()
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Usage(f"site file {path} does not exist") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Usage(f"site file {path.name} is not readable TOML: {error}") from None
    return Site(
        overlay={key: value for key, value in given.items() if key not in OWN},
        time_zone=_time_zone(given.get("time_zone", "UTC")),
        max_rejected_share=_share(given.get("max_rejected_share", Site().max_rejected_share)),
        uln=_limits(given.get("uln", [])),
    )


def _time_zone(value: object) -> str:
    try:
        return ZoneInfo(value).key if isinstance(value, str) else _wrong("time_zone", "must be a name")
    except (KeyError, ValueError, OSError):
        return _wrong("time_zone", f"knows no zone '{value}'")


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        _wrong("max_rejected_share", "must be a share between 0 and 1")
    return float(value)  # type: ignore[arg-type]


def _limits(value: object) -> tuple[Limit, ...]:
    if not isinstance(value, list):
        _wrong("uln", "must be a list of tables, [[uln]]")
    limits = tuple(_limit(item) for item in value)  # type: ignore[attr-defined]
    for place, limit in enumerate(limits):
        for other in limits[:place]:
            same = (limit.analyte, limit.sex) == (other.analyte, other.sex)
            if same and limit.first <= other.last and other.first <= limit.last:
                _wrong("uln", f"has two limits of {limit.analyte} for one day")
    return limits


def _limit(item: Mapping[str, Any]) -> Limit:
    if unknown := sorted(set(item) - set(LIMIT_KEYS)):
        _wrong("uln", f"has no key '{unknown[0]}'")
    for key, kind in LIMIT_KEYS.items():
        if key in item and type(item[key]) not in ((int, float) if kind is float else (kind,)):
            _wrong("uln", f"{key} must be a {kind.__name__}")
    if "analyte" not in item or not item.get("value", 0) > 0:
        _wrong("uln", "needs an analyte and a value above 0")
    if item.get("sex") not in (None, "F", "M"):
        _wrong("uln", "sex must be F or M")
    first, last = item.get("from", ALWAYS[0]), item.get("to", ALWAYS[1])
    if first > last:
        _wrong("uln", f"of {item['analyte']} ends before it begins")
    return Limit(item["analyte"], float(item["value"]), item.get("unit"), item.get("sex"), first, last)


def _wrong(key: str, what: str) -> Any:
    raise Usage(f"site file: {key} {what}")
