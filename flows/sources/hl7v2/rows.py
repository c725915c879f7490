"""The columns of the flat rows, and how a field of a segment becomes text."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

Unescape = Callable[[str], str]
Row = dict[str, str | None]
NULL = '""'  # what HL7 says for: there was a value, and now there is none
NOTHING_SAID = re.compile(r'\s*(""\s*)?|(\s*""\s*[~^&])+\s*""\s*')  # empty or null, or null in all of its parts
WHOLE = 0

MESSAGE = ("control_id", "file", "position", "message_type", "trigger", "processing_id", "sent_at", "left_out")
# Column, field, component: 0 is the whole field as it stands, with its delimiters.
PERSON = (("birth_time", 7, 1), ("sex", 8, 1), ("death_time", 29, 1))
SPECIES = (("species", 35, 1), ("species_text", 35, 2))
ORDER = (
    ("placer_number", 2, WHOLE),
    ("filler_number", 3, WHOLE),
    ("ordered_code", 4, 1),
    ("ordered_text", 4, 2),
    ("order_time", 7, 1),
    ("reported_at", 22, 1),
    ("order_status", 25, 1),
)
RESULT = (
    ("value_type", 2, 1),
    ("code", 3, 1),
    ("text", 3, 2),
    ("system", 3, 3),
    ("code_2", 3, 4),
    ("text_2", 3, 5),
    ("system_2", 3, 6),
    ("code_3", 3, 10),
    ("text_3", 3, 11),
    ("system_3", 3, 12),
    ("sub_id", 4, WHOLE),
    ("value", 5, WHOLE),
    ("unit", 6, 1),
    ("unit_text", 6, 2),
    ("unit_system", 6, 3),
    ("unit_2", 6, 4),
    ("unit_system_2", 6, 6),
    ("reference_range", 7, WHOLE),
    ("result_status", 11, 1),
    ("observed_at", 14, 1),
    ("producer", 15, 1),
    ("instance_id", 21, WHOLE),
    ("performer", 23, 1),
)
STRUCTURED = (("comparator", 5, 1), ("number_1", 5, 2), ("separator", 5, 3), ("number_2", 5, 4))
HEADER = ("control_id", "sent_at", "facility")
IDENTITY = ("patient_id", "patient_authority", "patient_id_type")


def names(*fields: Sequence[tuple[str, int, int]]) -> tuple[str, ...]:
    """Return the columns of some fields."""
    return tuple(name for group in fields for name, _, _ in group)


PID = ("control_id", "sent_at", *IDENTITY, *names(PERSON, SPECIES))
OBSERVATION = (
    *HEADER,
    *IDENTITY,
    *names(SPECIES),
    "specimen_time",
    *names(ORDER, RESULT),
    "value_count",
    *names(STRUCTURED),
)


def raw(segment: Any, number: int, component: int = WHOLE, repetition: int = 0) -> str:
    """Return a field, or a component of one of its repetitions, as it stands in the message."""
    if number >= len(segment):
        return ""
    held = segment[number]
    if component == WHOLE:
        return str(held)
    one = held[repetition] if repetition < len(held) else ""
    if isinstance(one, str):
        return one if component == 1 else ""
    return str(one[component - 1]) if component <= len(one) else ""


def said(segment: Any, fields: Sequence[tuple[str, int, int]], unescape: Unescape) -> Row:
    """Return fields as text, None where there is none."""
    return {name: text(raw(segment, number, component), unescape) for name, number, component in fields}


def text(as_it_stands: str, unescape: Unescape) -> str | None:
    """Return a text without escape sequences; an explicit null is none."""
    return None if NOTHING_SAID.fullmatch(as_it_stands) else unescape(as_it_stands).strip() or None


@lru_cache(maxsize=64)
def unescaper(separators: str, escape: str, character_set: str) -> Unescape:
    r"""Return what undoes the escape sequences of a message: \F\ \S\ \T\ \R\ \E\ \Xdd..\ \.br\ \H\ \N\; others stay.

    The library's own drops what it does not know, and logs the text of the field.
    """
    plain = dict(zip("FRST", separators[1:], strict=True)) | {"E": escape, ".br": "\n", "H": "", "N": ""}
    mark = re.escape(escape)
    sequence = re.compile(f"{mark}(F|S|T|R|E|H|N|[.]br|X(?:[0-9A-Fa-f]{{2}})+){mark}")

    def replaced(found: re.Match[str]) -> str:
        name = found[1]
        if name in plain:
            return plain[name]
        try:
            return bytes.fromhex(name[1:]).decode(character_set)
        except UnicodeDecodeError:
            return found[0]

    return lambda value: sequence.sub(replaced, value) if escape in value else value
