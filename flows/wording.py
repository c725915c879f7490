"""How numbers, codes and parameters are put into words, the same on the page, on the terminal and in the docs."""

from collections.abc import Mapping
from typing import Any

from audit.guideline import Guideline, Parameter

DASH = "\u2013"
THIN_SPACE = "\u202f"


def words(name: str) -> str:
    """Return a column name or code as words."""
    return name.replace("_", " ")


def sentence(text: str) -> str:
    """Return a phrase as a sentence."""
    return text[:1].upper() + text[1:] + "."


def count(n: int | None) -> str:
    """Return a whole number with thin spaces between thousands."""
    return DASH if n is None else f"{n:,}".replace(",", THIN_SPACE)


def percent(rate: float | None) -> str:
    """Return a rate in per cent, or a dash."""
    return DASH if rate is None else f"{100 * rate:.1f} %"


def interval(row: Mapping[str, Any]) -> str:
    """Return a rate with its interval in per cent, or a dash."""
    if row.get("rate") is None:
        return DASH
    return f"{percent(row['rate'])} ({100 * row['rate_low']:.1f}{DASH}{100 * row['rate_high']:.1f})"


def share(n: int, whole: int) -> float:
    """Return n of whole in per cent, for a bar's width."""
    return round(100 * n / whole, 2) if whole else 0.0


def value_of(parameter: Parameter) -> str:
    """Return a parameter's value with its unit."""
    value = parameter.value
    said = ", ".join(value) if isinstance(value, tuple) else str(value).lower()
    return said if parameter.unit in ("", "1") else f"{said} {parameter.unit}"


def banner(guideline: Guideline) -> str:
    """Return the words that go with every result."""
    return (
        f"{guideline.notice[:1].upper()}{guideline.notice[1:]}: {guideline.id}, updated {guideline.edition}, "
        f"{guideline.review_status}, parameters {guideline.hash[:12]}."
    )
