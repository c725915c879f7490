"""What a dosage text says as a whole. `Reading` is what is known of a text; `read` never guesses.

Between its doses and its times a text may say one thing only: two doses without two times, two frequencies that
differ, or tablets that do not give the stated milligrams make the dose unknown.
"""

import re
from dataclasses import dataclass

from flows.dosage.doses import Dose, dose_of
from flows.dosage.groups import AMOUNTS
from flows.dosage.lexicon import Lexicon
from flows.dosage.numbers import UnreadError
from flows.dosage.tokens import Item, level

AS_NEEDED = re.compile(
    r"\b(?:prn|sos|(?:as|if|when|where|only)(?: and when)? (?:needed|required|necessary)|as necessary)\b"
)
# A length is plain only where nothing changes after it.
CHANGES = re.compile(
    r"\b(?:then|after\w*|follow\w*|increas\w*|decreas\w*|reduc\w*|taper\w*|titrat\w*|wean\w*|until|next|first|last|stop\w*"
    r"|hold|held|up to|max\w*|or|to|off|another|further|except|not|no)\b"
)
LENGTH = re.compile(r"(?:\bfor|\bx)\s*(\d{1,3})\s*(days?|d|weeks?|wks?)\b(?!\s*(?:a|per|each|every|out|of|/)\b|\s*/)")
NAMES = {0.5: "QOD", 1.0: "QD", 2.0: "BID", 3.0: "TID", 4.0: "QID"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says; null where it does not say it. The grain and the columns are those of the table of readings."""

    mg_a_day: float | None = None
    pieces_a_day: float | None = None
    piece_mg: float | None = None
    other_piece_mg: float | None = None
    frequency: str | None = None
    length_days: int | None = None
    is_as_needed: bool = False
    is_known: bool = False
    is_explained: bool = False
    times_a_day: float | None = None
    dose_mg: float | None = None
    dose_pieces: float | None = None


def read(text: str, lexicon: Lexicon) -> Reading:
    """Return what a text says."""
    levelled = level(text)
    is_as_needed = AS_NEEDED.search(levelled) is not None
    items: list[Item] = []
    try:
        items = lexicon.items(levelled)
        length = _length_of(items)
        if all(item.kind in ("length", "verb", "stop", "comma") for item in items):
            return Reading(length_days=length, is_explained=True)
        dose = dose_of([item for item in items if item.kind != "length"])
    except UnreadError:
        length = None if _goes_on(items) else _plain_length(levelled)
        return Reading(length_days=length, is_as_needed=is_as_needed)
    return _reading(dose, length)


def _reading(dose: Dose, length: int | None) -> Reading:
    frequency = NAMES.get(_rounded(dose.label or dose.times) or 0.0)
    if dose.times is None or not dose.has_amount:
        return Reading(
            frequency=frequency,
            length_days=length,
            times_a_day=_rounded(dose.times),
            dose_mg=_rounded(dose.mg),
            dose_pieces=_rounded(dose.pieces) if dose.mg is None else None,
            is_explained=True,
        )
    strengths = sorted(strength for strength in dose.strengths if strength > 0)
    return Reading(
        mg_a_day=_rounded(dose.mg_a_day),
        pieces_a_day=_rounded(dose.pieces_a_day),
        piece_mg=_rounded(strengths[0]) if strengths else None,
        other_piece_mg=_rounded(strengths[1]) if len(strengths) > 1 else None,
        frequency=frequency,
        length_days=length,
        is_known=True,
        is_explained=True,
        times_a_day=_rounded(dose.times),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 12)


def _length_of(items: list[Item]) -> int | None:
    lengths = {item.value for item in items if item.kind == "length"}
    if len(lengths) > 1 or _goes_on(items):
        raise UnreadError
    return int(lengths.pop()) if lengths else None


def _goes_on(items: list[Item]) -> bool:
    """Return whether another amount follows a length: what is taken for that time and what after it are two doses."""
    kinds = [item.kind for item in items]
    if "length" not in kinds:
        return False
    place = kinds.index("length")
    return any(kind in AMOUNTS for kind in kinds[:place]) and any(kind in AMOUNTS for kind in kinds[place:])


def _plain_length(levelled: str) -> int | None:
    """Return the one length of a text that is not read, unless something changes in it."""
    found = LENGTH.findall(levelled)
    if len(found) != 1 or CHANGES.search(levelled):
        return None
    days = int(found[0][0]) * (7 if found[0][1].startswith("w") else 1)
    return days or None
