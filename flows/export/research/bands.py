"""Bands of numbers: how a profile writes them, that they neither leave a gap nor overlap, where a number falls."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal, NamedTuple, Self

import polars as pl
from pydantic import AfterValidator, ConfigDict, Field, model_validator

from audit.edition import plain
from flows.export.profiles import Strict

OF_EDITION = "edition"


def _finite(end: int | float | str) -> int | float | str:
    if isinstance(end, float) and not math.isfinite(end):
        raise ValueError("an end of a band must be finite")
    return end


End = Annotated[int | float | Literal["edition"], AfterValidator(_finite)]


class Band(Strict):
    """One band: `from` and `to` are in it, `above` and `below` are not; without either it is open to that side."""

    model_config = ConfigDict(populate_by_name=True)

    least: Annotated[End | None, Field(alias="from")] = None
    above: End | None = None
    to: End | None = None
    below: End | None = None

    @model_validator(mode="after")
    def _one_end_a_side(self) -> Self:
        if None not in (self.least, self.above) or None not in (self.to, self.below):
            raise ValueError("a band has one end a side: from or above, to or below")
        if {self.least, self.above, self.to, self.below} == {None}:
            raise ValueError("a band needs an end: from or above, to or below")
        return self

    def within(self, least: float | None, greatest: float | None) -> "Band":
        """Return the band with the ends that are the edition's as numbers; open there where none is given."""
        return self.model_copy(
            update={
                "least": least if self.least == OF_EDITION else self.least,
                "to": greatest if self.to == OF_EDITION else self.to,
            }
        )


class Cut(NamedTuple):
    """Where a band begins: at a number, or just above it."""

    at: float
    is_above: bool = False

    def passed(self, number: pl.Expr, epsilon: float) -> pl.Expr:
        """Return whether a number lies at or beyond the cut."""
        return number > self.at + epsilon if self.is_above else number >= self.at - epsilon


class Bands(NamedTuple):
    """Bands that cover: the words of each, the cuts between them, and what ends them on either side, if anything."""

    labels: tuple[str, ...]
    cuts: tuple[Cut, ...]
    first: Cut | None
    end: Cut | None

    def place(self, number: pl.Expr, epsilon: float) -> pl.Expr:
        """Return the band of a number, counted from 0; -1 outside of all, null of null."""
        beyond = pl.sum_horizontal(pl.lit(0), *(cut.passed(number, epsilon).cast(pl.Int32) for cut in self.cuts))
        outside = pl.lit(False)
        if self.first:
            outside = outside | ~self.first.passed(number, epsilon)
        if self.end:
            outside = outside | self.end.passed(number, epsilon)
        return pl.when(number.is_null()).then(None).when(outside).then(-1).otherwise(beyond)

    def joins(self, finer: "Bands") -> bool:
        """Return whether each of these bands is made of whole bands of the finer ones, and covers no more."""
        return set(self.cuts) <= set(finer.cuts) and (self.first, self.end) == (finer.first, finer.end)

    def of(self, finer: "Bands") -> tuple[int, ...]:
        """Return for each finer band the one of these that holds it."""
        begins = (finer.first, *finer.cuts)
        return tuple(sum(cut <= begin for cut in self.cuts) if begin else 0 for begin in begins)


def covering(bands: Sequence[Band], *, whole: bool) -> Bands:
    """Return bands that follow each other without gap or overlap; ValueError, by their numbers from 1, where not.

    `whole`: of whole numbers, where 21 follows 20; else the end of one band is the beginning of the next.
    """
    if not bands:
        raise ValueError("no band is named")
    spans = [(_begin(band, whole), _end(band, whole)) for band in bands]
    for number, (begin, end) in enumerate(spans, 1):
        if begin and end and begin >= end:
            raise ValueError(f"band {number} holds no number")
    for number, ((_, end), (begin, _)) in enumerate(pairwise(spans), 1):
        if end is None or begin is None or end > begin:
            raise ValueError(f"bands {number} and {number + 1} overlap")
        if end < begin:
            raise ValueError(f"bands {number} and {number + 1} leave a gap")
    labels = tuple(_whole_label(*span) if whole else _label(band) for band, span in zip(bands, spans, strict=True))
    return Bands(labels, tuple(begin for begin, _ in spans[1:] if begin), spans[0][0], spans[-1][1])


def _number(end: int | float | str, whole: bool) -> int | float:
    if isinstance(end, str):
        raise ValueError("only the first band begins, and only the last one ends, with the edition (from, to)")
    if whole and not isinstance(end, int):
        raise ValueError("the bands of a whole number need whole ends")
    return end


def _begin(band: Band, whole: bool) -> Cut | None:
    if band.least is not None:
        return Cut(_number(band.least, whole))
    if band.above is None:
        return None
    return Cut(_number(band.above, whole) + 1) if whole else Cut(_number(band.above, whole), True)


def _end(band: Band, whole: bool) -> Cut | None:
    if band.below is not None:
        return Cut(_number(band.below, whole))
    if band.to is None:
        return None
    return Cut(_number(band.to, whole) + 1) if whole else Cut(_number(band.to, whole), True)


def _whole_label(begin: Cut | None, end: Cut | None) -> str:
    if begin is None:
        return f"up to {plain(end.at - 1)}" if end else ""
    if end is None:
        return f"{plain(begin.at)} or more"
    return plain(begin.at) if end.at == begin.at + 1 else f"{plain(begin.at)}-{plain(end.at - 1)}"


def _label(band: Band) -> str:
    """Return the words of a band of real numbers, which say on which side each end lies."""
    begin = "" if band.least is None else plain(_number(band.least, False))
    if band.above is not None:
        begin = f"above {plain(_number(band.above, False))}"
    if band.to is None and band.below is None:
        return begin if band.above is not None else f"{begin} or more"
    upper = f"below {plain(_number(band.below, False))}" if band.below is not None else ""
    if band.to is not None:
        upper = plain(_number(band.to, False))
    if begin:
        return f"{begin} to {upper}"
    return upper if band.below is not None else f"up to {upper}"
