"""What the file of a research profile may hold: each field with its source, levels and ladder, and what is promised."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from audit.vocabulary import VERDICTS
from flows.export.profiles import Profile, Strict, Words
from flows.export.research.bands import Band, covering
from flows.export.research.sources import ALWAYS, SOURCES, verdict_of

ALL = "all"
FLAGS = ("false", "true")
OWN_COLUMNS = ("patient", "episode")
# Combinations of steps that are tried; more would take longer than an export may.
MOST_COMBINATIONS = 20_000
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
# The codebook parts levels by a bar.
Level = Annotated[str, StringConstraints(pattern=r"^[^|]+$")]
Groups = dict[Level, list[Level]]


class Asked(Strict):
    """What every field says: its name and source, what it means, and whether somebody may know it of a person.

    `ladder`: the coarser steps of a quasi-identifier, finest first; "all", if it is there, is the last and says
    nothing any more. `step` pins it to one of them, 0 being as fine as the field is. `weight`: what a loss of it counts
    beside one of the others.
    """

    name: Name
    source: str
    meaning: Words
    quasi_identifier: bool = False
    step: Annotated[int, Field(ge=0)] | None = None
    weight: Annotated[float, Field(gt=0, le=1000)] = 1

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.source not in SOURCES:
            raise ValueError(f"no field can be made of '{self.source}'")
        if self.name in OWN_COLUMNS:
            raise ValueError(f"the name '{self.name}' is taken by the pseudonyms")
        if not self.quasi_identifier and (self.steps > 1 or self.step is not None):
            raise ValueError("only a quasi-identifier has a ladder")
        if self.step is not None and self.step >= self.steps:
            raise ValueError("it is pinned to a step that its ladder has not")
        return self

    @property
    def steps(self) -> int:
        """Return how many steps there are, the finest among them."""
        return 1 + len(getattr(self, "ladder", ()))

    def _of(self, *kinds: str) -> None:
        if SOURCES[self.source].kind not in kinds:
            raise ValueError(f"'{self.source}' is no {' or '.join(kinds)}")


class Category(Asked):
    """A field with declared levels; each coarser step names groups of them."""

    type: Literal["category"]
    levels: Annotated[list[Level], Field(min_length=1)]
    ladder: Annotated[list[Groups | Literal["all"]], Field(default_factory=list)]

    @model_validator(mode="after")
    def _leveled(self) -> Self:
        self._of("text", "whole")
        require_grouped(self.levels, self.ladder)
        return self


class Flag(Asked):
    """A field that is true or false."""

    type: Literal["flag"]
    ladder: Annotated[list[Literal["all"]], Field(max_length=1, default_factory=list)]

    @model_validator(mode="after")
    def _of_flag(self) -> Self:
        self._of("flag")
        return self


class Site(Asked):
    """The site under a pseudonym of its own."""

    type: Literal["site"]
    source: Literal["site"]
    ladder: Annotated[list[Literal["all"]], Field(max_length=1, default_factory=list)]


class Banded(Asked):
    """A number in declared bands; a date is its days from the restart."""

    type: Literal["band"]
    bands: list[Band]
    ladder: Annotated[list[list[Band] | Literal["all"]], Field(default_factory=list)]

    @model_validator(mode="after")
    def _covers(self) -> Self:
        self._of("whole", "number", "days")
        whole = SOURCES[self.source].kind != "number"
        # Without an edition its ends are open: that they leave the first and the last band a number is seen later.
        finer = covering([band.within(None, None) for band in _ends_last(self.bands)], whole=whole)
        for number, step in enumerate(self.ladder, 1):
            if step == ALL:
                _require_last(number, self.ladder)
            elif isinstance(step, list):
                coarser = covering([band.within(None, None) for band in _ends_last(step)], whole=whole)
                if not coarser.joins(finer):
                    raise ValueError(f"step {number} of the ladder does not join whole bands of the step before it")
                finer = coarser
        return self


class Multiple(Asked):
    """A multiple of a limit, rounded: to 0.1 below 3, to 0.5 above."""

    type: Literal["multiple"]

    @model_validator(mode="after")
    def _of_number(self) -> Self:
        if (SOURCES[self.source].kind, SOURCES[self.source].unit) != ("number", "1"):
            raise ValueError(f"'{self.source}' is no multiple")
        _require_harmless(self)
        return self


class Days(Asked):
    """The time from the restart, in weeks or days as the profile says."""

    type: Literal["days"]

    @model_validator(mode="after")
    def _of_date(self) -> Self:
        self._of("days")
        _require_harmless(self)
        return self


class Verdicts(Strict):
    """A field for the verdict of each of some rules, named after the rule: verdict_rst_01."""

    rules: Annotated[list[Words], Field(min_length=1)]
    quasi_identifier: bool = False
    ladder: Annotated[list[Groups | Literal["all"]], Field(default_factory=list)]
    step: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _grouped(self) -> Self:
        require_grouped(VERDICTS, self.ladder)
        if not self.quasi_identifier and (self.ladder or self.step is not None):
            raise ValueError("only a quasi-identifier has a ladder")
        if self.step is not None and self.step > len(self.ladder):
            raise ValueError("they are pinned to a step that their ladder has not")
        return self


class Series(Strict):
    """Laboratory results of the persons whose rows leave, by analyte, from a first to a last week of the restart."""

    analytes: Annotated[list[Words], Field(min_length=1)]
    first_week: Annotated[int, Field(ge=-520, le=520)]
    last_week: Annotated[int, Field(ge=-520, le=520)]

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.last_week < self.first_week:
            raise ValueError("last_week lies before first_week")
        if len(set(self.analytes)) != len(self.analytes):
            raise ValueError("an analyte is named twice")
        return self


AnyField = Annotated[Category | Flag | Site | Banded | Multiple | Days, Field(discriminator="type")]


class Model(Profile):
    """A research profile.

    `k` persons at least share what their rows say of the quasi-identifiers; `drop_at_most` is the share of rows that
    may be dropped before a coarser step is preferred; `outcome` names the field of which the diversity is told.
    """

    k: Annotated[int, Field(ge=2)] = 5
    drop_at_most: Annotated[float, Field(ge=0, le=1)] = 0.1
    time: Literal["weeks", "days"] = "weeks"
    outcome: Name
    fields: Annotated[list[AnyField], Field(alias="field", min_length=1)]
    verdicts: Annotated[list[Verdicts], Field(default_factory=list)]
    series: Series | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        names = [*(field.name for field in self.fields), *(verdict_of(rule) for rule in self.rules)]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two fields have the name '{twice[0]}'")
        known = {field.name for field in self.fields if field.quasi_identifier}
        known |= {verdict_of(rule) for one in self.verdicts if one.quasi_identifier for rule in one.rules}
        if not known:
            raise ValueError("no field is a quasi-identifier")
        if self.outcome not in names:
            raise ValueError(f"the outcome '{self.outcome}' is none of the fields")
        if self.outcome in known:
            raise ValueError("the outcome is no quasi-identifier")
        self._require_told_together()
        self._require_tried()
        return self

    @property
    def rules(self) -> tuple[str, ...]:
        """Return the rules whose verdict leaves."""
        return tuple(rule for one in self.verdicts for rule in one.rules)

    def _require_told_together(self) -> None:
        """Refuse a field that lets out what a quasi-identifier hides."""
        told = {SOURCES[field.source].tells for field in self.fields if field.quasi_identifier} | {*ALWAYS}
        for field in self.fields:
            tells = SOURCES[field.source].tells
            if tells and tells in told and not field.quasi_identifier:
                raise ValueError(f"field '{field.name}' tells of the {tells}: it is a quasi-identifier too")

    def _require_tried(self) -> None:
        sizes = [1 if field.step is not None else field.steps for field in self.fields]
        sizes += [1 if one.step is not None else 1 + len(one.ladder) for one in self.verdicts for _ in one.rules]
        if math.prod(sizes) > MOST_COMBINATIONS:
            raise ValueError(
                f"the ladders have more than {MOST_COMBINATIONS} combinations of steps: shorten or pin some"
            )


def require_grouped(levels: Sequence[str], ladder: Sequence[Mapping[str, Sequence[str]] | str]) -> None:
    """Raise ValueError unless levels are told apart, and each step joins whole groups of the one before it."""
    _require_once(levels, "a level")
    if ALL in levels:
        raise ValueError(f"'{ALL}' is no level: it stands for what is not told")
    finer: set[frozenset[str]] = {frozenset([level]) for level in levels}
    for number, step in enumerate(ladder, 1):
        if isinstance(step, str):
            _require_last(number, ladder)
            continue
        members = [level for group in step.values() for level in group]
        _require_once(members, f"step {number} of the ladder: a level")
        if set(members) != set(levels) or ALL in step:
            raise ValueError(f"step {number} of the ladder does not hold each level in a group")
        coarser = {frozenset(group) for group in step.values()}
        if not all(any(group <= joined for joined in coarser) for group in finer):
            raise ValueError(f"step {number} of the ladder does not join whole groups of the step before it")
        finer = coarser


def _require_once(words: Iterable[str], what: str) -> None:
    found = [*words]
    if len(set(found)) != len(found):
        raise ValueError(f"{what} is named twice")


def _require_last(number: int, ladder: Sequence[Any]) -> None:
    if number != len(ladder):
        raise ValueError(f"step {number} of the ladder is '{ALL}': nothing is coarser")


def _ends_last(bands: Sequence[Band]) -> Sequence[Band]:
    """Return bands of which only the first begins and only the last ends with the edition; ValueError where not."""
    inner = [*(band.least for band in bands[1:]), *(band.to for band in bands[:-1])]
    if "edition" in inner:
        raise ValueError("only the first band begins, and only the last one ends, with the edition")
    return bands


def _require_harmless(field: Asked) -> None:
    if field.quasi_identifier or SOURCES[field.source].tells in ALWAYS:
        raise ValueError("a quasi-identifier leaves in bands only")
