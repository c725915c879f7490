"""Fields of a profile made of the data: what leaves as it is, and quasi-identifiers with each step of their ladders."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from audit.guideline import Guideline
from audit.vocabulary import VERDICTS
from flows.errors import Usage
from flows.export.research.bands import Band, Bands, covering
from flows.export.research.profile import ALL, FLAGS, Banded, Category, Days, Flag, Model, Multiple, Site
from flows.export.research.sources import FORMS_OF_PEAK, SOURCES, verdict_of

WEEK = 7
FINE, COARSE = 10, 2  # parts of a multiple that are told apart below and from the limit between them
COARSE_FROM = 3
# The parameters of the edition that its breaks lie between.
ENDS = {"break_days": ("min_break_days", "max_break_days")}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a ladder: its levels, and for each level of the finest step the one that holds it.

    `joins_unknown`: the values that are missing look like all others; else they are a level of their own.
    """

    levels: tuple[str, ...]
    of: tuple[int, ...]
    joins_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Quasi:
    """A quasi-identifier: its levels in the data, counted from 0 (null where missing), and its steps, finest first."""

    name: str
    places: pl.Series
    steps: tuple[Step, ...]
    pinned: int | None = None
    weight: float = 1

    @property
    def choices(self) -> tuple[int, ...]:
        """Return the steps that may be chosen."""
        return tuple(range(len(self.steps))) if self.pinned is None else (self.pinned,)

    def told(self, step: int) -> pl.Series:
        """Return the words of a step for each row; null where the value is missing and the step says so."""
        taken = self.steps[step]
        if taken.joins_unknown:
            return pl.Series(self.name, [taken.levels[0]], pl.String).new_from_index(0, self.places.len())
        words = pl.Series([taken.levels[place] for place in taken.of], dtype=pl.String)
        return words.gather(self.places).alias(self.name)


@dataclass(frozen=True, slots=True)
class Fields:
    """What leaves of the rows: quasi-identifiers, and all else as it leaves, with its levels where it has some."""

    quasi: tuple[Quasi, ...]
    others: Mapping[str, pl.Series]
    levels: Mapping[str, Sequence[str]]


def made(profile: Model, rows: pl.DataFrame, guideline: Guideline) -> Fields:
    """Return the fields of a profile of gathered rows; Usage where the data or the edition do not fit it."""
    require_rules(profile, guideline)
    quasi: list[Quasi] = []
    others: dict[str, pl.Series] = {}
    levels: dict[str, Sequence[str]] = {}
    for field in profile.fields:
        if isinstance(field, Multiple):
            others[field.name] = rows.select(rounded(pl.col(field.source))).to_series()
        elif isinstance(field, Days):
            others[field.name] = rows.select(since(pl.col(field.source), profile.time)).to_series()
        else:
            one = _leveled(field, rows, guideline)
            if field.quasi_identifier:
                quasi.append(one)
            else:
                others[field.name] = rows[field.source] if isinstance(field, Flag) else one.told(0)
                levels[field.name] = one.steps[0].levels
    for name, ladder, pinned in _verdicts(profile):
        places = _places(name, rows[name], VERDICTS)
        if ladder is None:
            others[name], levels[name] = rows[name], VERDICTS
        else:
            quasi.append(Quasi(name, places, (_finest(VERDICTS), *_grouped(VERDICTS, ladder)), pinned))
    return Fields(tuple(quasi), others, levels)


def require_rules(profile: Model, guideline: Guideline) -> None:
    """Raise Usage unless the edition judges the rules that a profile names, and what tells of the peak is declared."""
    judged = {entry.id: entry.form for entry in guideline.rules if entry.kind != "descriptive"}
    for one in profile.verdicts:
        for rule in one.rules:
            if rule not in judged:
                raise Usage(f"profile {profile.id}: this release has no verdict of a rule {rule}")
            if judged[rule] in FORMS_OF_PEAK and not one.quasi_identifier:
                raise Usage(f"profile {profile.id}: the verdict of {rule} tells of the peak: it is a quasi-identifier")


def rounded(multiple: pl.Expr) -> pl.Expr:
    """Return a multiple to 0.1 below 3 and to 0.5 from there on, halves upward."""
    parts = pl.when(multiple < COARSE_FROM).then(FINE).otherwise(COARSE)
    return pl.when(multiple.is_not_null()).then((multiple * parts + 0.5).floor() / parts)


def since(days: pl.Expr, time: str) -> pl.Expr:
    """Return days from the restart as the profile tells time: as they are, or as weeks (0 is days 0 to 6)."""
    return days.floordiv(WEEK) if time == "weeks" else days


def _leveled(field: Category | Flag | Site | Banded, rows: pl.DataFrame, guideline: Guideline) -> Quasi:
    values = rows[field.source]
    if isinstance(field, Banded):
        return _banded(field, values, guideline)
    levels: Sequence[str] = FLAGS
    if isinstance(field, Category):
        levels = field.levels
    elif isinstance(field, Site):
        levels = values.unique().drop_nulls().sort().to_list()
    places = _places(field.name, values.cast(pl.String), levels)
    return Quasi(field.name, places, (_finest(levels), *_grouped(levels, field.ladder)), field.step, field.weight)


def _banded(field: Banded, values: pl.Series, guideline: Guideline) -> Quasi:
    source = SOURCES[field.source]
    epsilon = guideline["ratio_epsilon"].number if source.unit == "1" else 0.0
    ladder = [
        _covering(field, bands, guideline) for bands in (field.bands, *field.ladder) if not isinstance(bands, str)
    ]
    finest = ladder[0]
    places = pl.select(finest.place(pl.lit(values), epsilon)).to_series().alias(field.name)
    if (places < 0).any():
        raise Usage(f"field {field.name}: the data hold a value outside of its bands")
    steps = [Step(bands.labels, bands.of(finest)) for bands in ladder]
    if field.ladder and field.ladder[-1] == ALL:
        steps.append(_nothing(len(finest.labels)))
    return Quasi(field.name, places, tuple(steps), field.step, field.weight)


def _covering(field: Banded, bands: Sequence[Band], guideline: Guideline) -> Bands:
    """Return the bands with the edition's ends; Usage where those leave one empty, or the edition has none."""
    ends = ENDS.get(field.source)
    if ends is None and any("edition" in (band.least, band.to) for band in bands):
        raise Usage(f"field {field.name}: the edition has no least and greatest {field.source}")
    least, greatest = (guideline[name].number for name in ends) if ends else (None, None)
    try:
        whole = SOURCES[field.source].kind != "number"
        return covering([band.within(least, greatest) for band in bands], whole=whole)
    except ValueError as error:
        raise Usage(f"field {field.name}: with the ends of the edition {error}") from None


def _verdicts(profile: Model) -> Iterator[tuple[str, Sequence[Any] | None, int | None]]:
    """Yield the column of each rule, its ladder, which is None unless it is a quasi-identifier, and its pinned step."""
    for one in profile.verdicts:
        for rule in one.rules:
            yield verdict_of(rule), one.ladder if one.quasi_identifier else None, one.step


def _places(name: str, values: pl.Series, levels: Sequence[str]) -> pl.Series:
    """Return the place of each value among the levels; Usage where one is none of them."""
    found = values.replace_strict(
        {level: place for place, level in enumerate(levels)}, default=-1, return_dtype=pl.Int32
    )
    places = pl.select(pl.when(pl.lit(values).is_not_null()).then(pl.lit(found))).to_series().alias(name)
    if (places < 0).any():
        raise Usage(f"field {name}: the data hold a level that it does not name")
    return places


def _finest(levels: Sequence[str]) -> Step:
    return Step(tuple(levels), tuple(range(len(levels))))


def _nothing(levels: int) -> Step:
    """Return the step that says nothing any more."""
    return Step((ALL,), (0,) * levels, joins_unknown=True)


def _grouped(levels: Sequence[str], ladder: Sequence[Mapping[str, Sequence[str]] | str]) -> Iterator[Step]:
    for step in ladder:
        if isinstance(step, str):
            yield _nothing(len(levels))
        else:
            place = {level: at for at, group in enumerate(step.values()) for level in group}
            yield Step(tuple(step), tuple(place[level] for level in levels))
