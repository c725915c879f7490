"""The days that an extract tells of itself: until when it covers the feed, and as of when it is audited."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from flows.days import iso_day
from flows.errors import Usage
from flows.given import Given
from flows.intake import extract


def resolve_as_of(given: Path | Given, option: date | str | None = None) -> date:
    """Return the option, or `extracted_on` of extract.json; Usage where there is neither, or no date."""
    if option is not None:
        return _date(option, "the as-of date")
    if (taken := extracted_on(given)) is not None:
        return taken
    raise Usage("no as-of date: give --as-of, or extracted_on in the extract's extract.json")


def extracted_on(given: Path | Given) -> date | None:
    """Return the last day that the extract covers whole, None where extract.json does not tell; Usage for no date."""
    place = Given.of(given).path
    description = (place.parent if place.is_file() else place) / extract.DESCRIPTION
    try:
        said = json.loads(description.read_text(encoding="utf-8-sig"), object_pairs_hook=_told_once)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError):
        raise Usage(f"{extract.DESCRIPTION} is not readable JSON") from None
    if not isinstance(said, dict):
        raise Usage(f"{extract.DESCRIPTION} is no JSON object")
    if said.get("extracted_on") is None:
        return None
    return _date(said["extracted_on"], f"extracted_on of {extract.DESCRIPTION}")


def _told_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs of a JSON object; ValueError for a name that it has twice, of which Python takes the last."""
    said = dict(pairs)
    if len(said) < len(pairs):
        raise ValueError
    return said


def _date(value: Any, name: str) -> date:
    """Return a date, or its text as 2026-06-30; Usage for anything else."""
    if isinstance(value, date):
        return value
    try:
        return iso_day(value if isinstance(value, str) else "")
    except ValueError:
        raise Usage(f"{name} must look like 2026-06-30") from None


def end_of(as_of: date, extracted_on: date | None) -> date:
    """Return the end of the feed: the earlier of the as-of date and the last day that the extract covers whole."""
    return as_of if extracted_on is None else min(as_of, extracted_on)
