"""Read the unit of a result: any UCUM expression of its quantity, and the everyday spellings of data/reference.

Factors are exact fractions of the quantity's canonical unit. UCUM is case-sensitive; where another case leaves one
reading only (`MG/DL`, `u/l`) it is taken, and where it leaves two (`MU/mL`: mega or milli) the unit is unknown.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache

from flows.shipped import DATA
from flows.warehouse import Warehouse

FILES = ("units", "unit_spellings", "unit_words")
FACTORS = "STRUCT(multiply DOUBLE, divide DOUBLE)"
LONGEST = 60  # characters; no unit is longer, and an endless one must not cost the time of a run
ONE = Fraction(1)
MASS, AMOUNT, TIME, LENGTH = (tuple(int(place == one) for one in range(4)) for place in range(4))
NOTHING = (0, 0, 0, 0)
PREFIXES = {"": 0, "k": 3, "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12}
MARKS = str.maketrans("\u00b5\u03bc\u00d7\u00b7⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "uux.0123456789-")
SUPERSCRIPT = re.compile("10(?=[⁰¹²³⁴⁵⁶⁷⁸⁹⁻])")
ANNOTATION = re.compile(r"\{[^{}]*\}")
TEMPERATURE = re.compile(r"\(?(?:at|@)?(?:25|30|37)°?C\)?$")
POWER = re.compile(r"x?10(?:[*^]|\*\*|[eEx]|(?=\())\(?([+-]?\d{1,2})\)?", re.IGNORECASE)
ROUND = re.compile(r"10{0,6}")
RAISED = re.compile(r"(.*?[A-Za-z\]])[*^]?([+-]?[1-3])")


@dataclass(frozen=True, slots=True)
class Reading:
    """What an expression measures: its dimension (mass, amount, time, length), and its size in g, mol, s and m."""

    dimension: tuple[int, ...]
    size: Fraction

    def __mul__(self, other: "Reading") -> "Reading":
        """Return the product."""
        added = tuple(one + more for one, more in zip(self.dimension, other.dimension, strict=True))
        return Reading(added, self.size * other.size)

    def __pow__(self, exponent: int) -> "Reading":
        """Return the power."""
        return Reading(tuple(exponent * one for one in self.dimension), self.size**exponent)


UNITY = Reading(NOTHING, ONE)
LITRE = Reading(LENGTH, ONE / 10) ** 3
SECOND = Reading(TIME, ONE)
MOLE = Reading(AMOUNT, ONE)
# A unit of an enzyme turns over a micromole a minute; what is called an international unit of one is the same.
ENZYME_UNIT = MOLE * Reading(NOTHING, ONE / 10**6) * Reading(TIME, ONE * 60) ** -1
PREFIXED: Mapping[str, Reading] = {
    "g": Reading(MASS, ONE),
    "mol": MOLE,
    "kat": MOLE * SECOND**-1,
    "m": Reading(LENGTH, ONE),
    **dict.fromkeys(("L", "l"), LITRE),
    **dict.fromkeys(("U", "[U]", "[iU]", "[IU]", "IU"), ENZYME_UNIT),
}
POUND = Fraction("453.59237")
PLAIN: Mapping[str, Reading] = {
    "s": SECOND,
    "min": SECOND * Reading(NOTHING, ONE * 60),
    "h": SECOND * Reading(NOTHING, ONE * 3600),
    **dict.fromkeys(("[lb_av]", "[lb_us]"), Reading(MASS, POUND)),
    "[oz_av]": Reading(MASS, POUND / 16),
    "[stone_av]": Reading(MASS, POUND * 14),
}
EXACT: Mapping[str, Reading] = {
    **{
        f"{prefix}{atom}": Reading(NOTHING, Fraction(10) ** power) * reading
        for prefix, power in PREFIXES.items()
        for atom, reading in PREFIXED.items()
    },
    **PLAIN,
}
ANY_CASE: Mapping[str, Reading] = {symbol.lower(): reading for symbol, reading in EXACT.items()}
# Megaunits are met as well as milliunits: of these alone a capital M leaves two readings even among capitals.
TWO_READINGS = {f"m{atom.lower()}" for atom in ("U", "[U]", "[iU]", "IU", "kat")}


def teach(warehouse: Warehouse) -> None:
    """Teach SQL to read units."""
    warehouse.function("unit_factors", factors, FACTORS, "VARCHAR", "VARCHAR")
    warehouse.function("unit_ratio", ratio, "DOUBLE", "VARCHAR", "VARCHAR")


def factors(quantity: str | None, unit: str | None) -> dict[str, float] | None:
    """Return what leads from a unit to the quantity's canonical one, `multiply` and `divide`; None for no such unit."""
    factor = None if quantity is None else _factor(quantity, unit or "")
    if factor is None:
        return None
    return {"multiply": float(factor.numerator), "divide": float(factor.denominator)}


@lru_cache(maxsize=10_000)
def _factor(quantity: str, unit: str) -> Fraction | None:
    written = _plain(unit)
    written = _spellings().get((quantity, written), written)
    reading = read(written)
    if reading is None:
        return None
    if quantity == "inr":
        return ONE if reading == UNITY and not _is_of_something_else(written) else None
    for reference, factor in _references(quantity):
        if reference.dimension == reading.dimension:
            return factor * reading.size / reference.size
    return None


def ratio(unit: str | None, other: str | None) -> float | None:
    """Return how many of the first unit the other is: 1 of the same, NULL where they are not of one dimension."""
    if unit is None or other is None:
        return None
    one, two = _plain(unit), _plain(other)
    if one == two:
        return 1.0
    if {quantity for quantity, spelling in _spellings() if spelling in (one, two)} & {"cells"}:
        return None  # G/L is of cells what g/L is of a mass
    first, second = read(one), read(two)
    if first is None or second is None or first.dimension != second.dimension:
        return None
    return float(second.size / first.size)


def _plain(unit: str) -> str:
    """Return a unit as received without blanks, special signs and the temperature of the measurement."""
    written = "".join(SUPERSCRIPT.sub("10*", unit).translate(MARKS).split())
    return TEMPERATURE.sub("", written.removesuffix("."))


@lru_cache(maxsize=10_000)
def read(written: str) -> Reading | None:
    """Return what an expression without blanks says; None where it is none of UCUM's, or may be two of them."""
    plain = ANNOTATION.sub("", written)
    if len(written) > LONGEST:
        return None
    if not plain:
        return UNITY if written else None
    is_capital = plain.upper() == plain
    tokens = re.findall(r"[./()]|[^./()]+", re.sub(r"10\((-?\d+)\)", r"10*\1", plain))
    try:
        reading = _term(iter([*tokens, ""]), is_capital=is_capital, ends="")
    except _UnreadError:
        return None
    return reading


class _UnreadError(Exception):
    """A part of an expression that is no unit."""


def _term(tokens: Iterator[str], *, is_capital: bool, ends: str) -> Reading:
    """Read to the end, or to a closing bracket, from left to right: a/b.c is (a/b).c."""
    reading, sign, is_open, is_empty = UNITY, 1, True, True
    for token in tokens:
        if token == ends and not is_open:
            return reading
        if token == "/" and (is_empty or not is_open):
            sign, is_open = -1, True
        elif token == "." and not is_open:
            sign, is_open = 1, True
        elif is_open and token not in (*"/.)", ""):
            part = _term(tokens, is_capital=is_capital, ends=")") if token == "(" else _symbol(token, is_capital)
            reading, is_open = reading * part**sign, False
        elif is_open and token == "/" and sign == 1:
            sign = -1  # an annotation stood here: 10*9.{cells}/L
        else:
            raise _UnreadError
        is_empty = False
    raise _UnreadError


def _symbol(token: str, is_capital: bool) -> Reading:
    token = _words().get(token.lower(), token)
    if token == "1":
        return UNITY
    if power := POWER.fullmatch(token):
        return Reading(NOTHING, Fraction(10) ** int(power[1]))
    if ROUND.fullmatch(token):
        return Reading(NOTHING, Fraction(int(token)))
    if counted := re.fullmatch(r"100([a-zA-Z]+)", token):
        return _symbol(counted[1], is_capital) * Reading(NOTHING, Fraction(100))
    reading = EXACT.get(token) or _in_another_case(token, is_capital)
    if reading:
        return reading
    if raised := RAISED.fullmatch(token):
        return _symbol(raised[1], is_capital) ** int(raised[2])
    raise _UnreadError


def _in_another_case(token: str, is_capital: bool) -> Reading | None:
    lower = token.lower()
    if token.startswith("M") and len(token) > 1 and lower != "min" and (not is_capital or lower in TWO_READINGS):
        return None
    return ANY_CASE.get(lower)


def _is_of_something_else(written: str) -> bool:
    """Return whether a pure annotation names anything but an INR: {seconds} is a unit of none of ours."""
    return any("inr" not in one.lower() and "ratio" not in one.lower() for one in ANNOTATION.findall(written))


@cache
def _references(quantity: str) -> list[tuple[Reading, Fraction]]:
    """Return the units in which a quantity is known: one a dimension, each with its factor to the canonical unit."""
    found = []
    for row in _rows("units"):
        reading = read(row["unit"]) if row["quantity"] == quantity else None
        if reading is not None:
            found.append((reading, Fraction(row["multiply"]) / Fraction(row["divide"])))
    return found


@cache
def _spellings() -> dict[tuple[str, str], str]:
    return {(row["quantity"], row["spelling"]): row["unit"] for row in _rows("unit_spellings")}


@cache
def _words() -> dict[str, str]:
    return {row["word"]: row["unit"] for row in _rows("unit_words")}


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / "reference" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
