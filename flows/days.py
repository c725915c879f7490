"""Days as text, as people and extract.json write them."""

import re
from datetime import date

ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def iso_day(text: str) -> date:
    """Return a day written as 2026-06-30; ValueError for every other form, of which Python reads some."""
    if not ISO_DAY.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)
