"""How numbers, codes, parameters and the data's own words are put, alike on the page, the terminal and in the docs."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from audit.edition import Parameter, plain
from audit.guideline import Guideline

DASH = "\u2013"
THIN_SPACE = "\u202f"
TIMES = "\u00d7"
UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # controls, what turns or hides text, halves of pairs, line and paragraph ends
SMALL = 0.1
ACRONYMS = ("alt", "ast", "alp", "ggt", "inr", "wbc", "anc", "ck", "uln")


def shown(text: str, keep: str = "") -> str:
    """Return a text with what would steer a terminal, turn the reading order or hide written out, such as \\x1b."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        one if one in keep or unicodedata.category(one) not in UNSEEN else one.encode("unicode_escape").decode()
        for one in text
    )


def number(value: float | None) -> str:
    """Return a number in digits, to three decimals or, where it is small, three figures; or a dash."""
    if value is None:
        return DASH
    return plain(round(value, 3) if abs(value) >= SMALL else float(f"{value:.3g}"))


def words(name: str) -> str:
    """Return a column name or code as words."""
    return name.replace("_", " ")


def sentence(text: str) -> str:
    """Return a phrase as a sentence."""
    return text[:1].upper() + text[1:] + "."


def count(n: int | None) -> str:
    """Return a whole number with thin spaces between thousands."""
    return DASH if n is None else thin(f"{n:,}")


def thin(digits: str) -> str:
    """Return digits with thin spaces in place of the commas between thousands."""
    return digits.replace(",", THIN_SPACE)


def percent(rate: float | None) -> str:
    """Return a rate in per cent, or a dash."""
    return DASH if rate is None else f"{100 * rate:.1f} %"


def plain_percent(n: float, whole: float) -> str:
    """Return a share of n in whole in per cent, to a decimal where it has one; never 0 or 100 % by rounding alone."""
    if not whole or not n:
        return "0 %"
    rounded = round(100 * n / whole, 1)
    if n < whole:
        rounded = min(rounded, 99.9)
    return "below 0.1 %" if not rounded else f"{plain(rounded)} %"


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
    if isinstance(value, tuple):
        said = ", ".join(value)
    else:
        said = str(value).lower() if isinstance(value, (bool, str)) else plain(value)
    return said if parameter.unit in ("", "1") else f"{said} {parameter.unit}"


def banner(guideline: Guideline) -> str:
    """Return the words that go with every result."""
    return (
        f"{guideline.notice[:1].upper()}{guideline.notice[1:]}: {guideline.id}, updated {guideline.edition}, "
        f"{guideline.review_status}, parameters {guideline.hash[:12]}."
    )
