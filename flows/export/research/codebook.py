"""The codebook: each field that leaves, with its type, unit, levels and meaning."""

from collections.abc import Iterator, Sequence

import polars as pl

from flows.export.research.fields import Fields, Quasi
from flows.export.research.profile import Days, Model, Series
from flows.export.research.series import WORDS
from flows.export.research.sources import SOURCES, verdict_of

COLUMNS = ("file", "field", "type", "unit", "levels", "meaning", "quasi_identifier", "step", "steps")
TYPES = {"flag": "boolean", "days": "whole number", "multiple": "number"}
ROWS, SERIES = "episodes", "series"
TIME = {"weeks": "wk", "days": "d"}
Line = dict[str, str | None]
PSEUDONYMS = {
    "patient": "Pseudonym of the person, the same in all rows of this recipient.",
    "episode": "Pseudonym of the restart: a row of episodes each.",
}


def codebook(profile: Model, fields: Fields, steps: Sequence[int]) -> pl.DataFrame:
    """Return one row a field that leaves; `steps` are those taken of the quasi-identifiers."""
    taken = {one.name: (one, step) for one, step in zip(fields.quasi, steps, strict=True)}
    lines = [*_pseudonyms(ROWS)]
    for field in profile.fields:
        unit = TIME[profile.time] if isinstance(field, Days) else SOURCES[field.source].unit
        if field.name in taken:
            lines.append(_quasi(*taken[field.name], field.meaning, unit))
        else:
            levels = fields.levels.get(field.name, ())
            lines.append(_line(ROWS, field.name, TYPES.get(field.type, "text"), field.meaning, unit, levels))
    for rule in profile.rules:
        name, meaning = verdict_of(rule), f"Verdict of rule {rule}."
        if name in taken:
            lines.append(_quasi(*taken[name], meaning, ""))
        else:
            lines.append(_line(ROWS, name, "text", meaning, levels=fields.levels[name]))
    if profile.series:
        lines += _series(profile.series, profile.time)
    return pl.DataFrame(lines, schema=dict.fromkeys(COLUMNS, pl.String))


def _line(file: str, field: str, kind: str, meaning: str, unit: str = "", levels: Sequence[str] = ()) -> Line:
    return {
        "file": file,
        "field": field,
        "type": kind,
        "unit": unit or None,
        "levels": " | ".join(levels) or None,
        "meaning": meaning,
        "quasi_identifier": "no",
    }


def _quasi(one: Quasi, step: int, meaning: str, unit: str) -> Line:
    line = _line(ROWS, one.name, "text", meaning, unit, one.steps[step].levels)
    return {**line, "quasi_identifier": "yes", "step": str(step), "steps": str(len(one.steps) - 1)}


def _pseudonyms(file: str) -> Iterator[Line]:
    for name, meaning in PSEUDONYMS.items():
        yield _line(file, name, "pseudonym", meaning)


def _series(asked: Series, time: str) -> Iterator[Line]:
    yield from _pseudonyms(SERIES)
    yield _line(SERIES, "analyte", "text", "What was measured.", levels=asked.analytes)
    meaning = "When it was drawn, from the restart: 0 holds the day of the restart, what lies before is negative."
    yield _line(SERIES, time, "whole number", meaning, TIME[time])
    yield _line(SERIES, "x_uln", "number", "Value over its upper limit of normal; to 0.1 below 3, to 0.5 above.", "1")
    yield _line(SERIES, "bound", "text", "Where the value is only a bound of the true one; else empty.", levels=WORDS)
