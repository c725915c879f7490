"""The subjects of an export: their ids as the common data model has them, and how far their dates are moved."""

import re
from collections.abc import Iterable

import polars as pl

from flows.errors import Usage
from flows.export.keys import Key
from flows.export.registry.profile import Agreement

# The model's integer has 32 bits in the databases that hold it, and OHDSI's tools are written for it.
LARGEST = 2**31 - 1
INTEGER = re.compile(r"-?[0-9]{1,19}")
SCHEMA = {"patient_id": pl.String, "subject_id": pl.Int64, "shift_days": pl.Int64, "cut_days": pl.Int64}


def subjects(persons: pl.DataFrame, agreement: Agreement, key: Key | None) -> pl.DataFrame:
    """Return one row a person with the subject id, and the days by which dates move and a running course is cut.

    `persons`: patient_id, first_exposure. Without a key ids and dates are the source's, as the agreement names them.
    """
    ids = persons.sort("first_exposure", "patient_id", nulls_last=True)["patient_id"].to_list()
    numbers = _as_received(ids) if key is None or agreement.subject_ids == "source" else _pseudonyms(ids, key)
    mover = key if agreement.dates == "shifted" else None
    rows = [(one, number, *_moved(mover, one, agreement)) for one, number in zip(ids, numbers, strict=True)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _moved(key: Key | None, one: str, agreement: Agreement) -> tuple[int, int]:
    """Return the days by which a person's dates move, and those by which a running course is cut."""
    if key is None:
        return 0, 0
    low, high = agreement.shift_days or (0, 0)
    cut = agreement.ongoing_cut_days or 0
    return _within(key, "shift", one, low, high), _within(key, "cut", one, 1, cut) if cut else 0


def _within(key: Key, kind: str, one: str, low: int, high: int) -> int:
    """Return a keyed number of days from low to high, both of them possible."""
    return low + _drawn(key, kind, one) % (high - low + 1)


def _drawn(key: Key, kind: str, one: str) -> int:
    return int.from_bytes(key.digest(kind, one)[:8], "big")


def _pseudonyms(ids: Iterable[str], key: Key) -> list[int]:
    """Return a number of 1 to LARGEST for each person, drawn again where an earlier person has it.

    The earlier first exposure keeps it: who comes new to the cohort moves nobody.
    """
    taken: dict[int, None] = {}
    for one in ids:
        draw = 0
        while (number := _number(key, one, draw)) in taken:
            draw += 1
        taken[number] = None
    return list(taken)


def _number(key: Key, one: str, draw: int) -> int:
    return _drawn(key, f"subject {draw}", one) % LARGEST + 1


def _as_received(ids: Iterable[str]) -> list[int]:
    """Return the source's own ids as the integers that the model asks for; Usage where they are none."""
    numbers = [int(one) if INTEGER.fullmatch(one) else None for one in ids]
    if any(number is None or not -(2**63) <= number < 2**63 for number in numbers):
        raise Usage("subject ids of the source are asked for, and they are no integers: take pseudonyms")
    if len(set(numbers)) != len(numbers):
        raise Usage("subject ids of the source are asked for, and two of them are one integer: take pseudonyms")
    return [number for number in numbers if number is not None]
