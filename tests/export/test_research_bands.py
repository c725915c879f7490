"""Bands: each number falls into one, by the side on which each end lies."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from flows.export.research.bands import Band, Bands, covering

BREAK = (("from", 14, "to", 20), ("from", 21, "to", 27), ("from", 28, "to", 55), ("from", 56, "to", 365))
PEAK = (
    ("to", 1), ("above", 1, "to", 2), ("above", 2, "below", 3), ("from", 3, "below", 5), ("from", 5, "to", 10),
    ("above", 10),
)  # fmt: skip


def written(bands: Sequence[Sequence[Any]]) -> list[Band]:
    return [Band.model_validate(dict(zip(band[::2], band[1::2], strict=True))) for band in bands]


def made(bands: Sequence[Sequence[Any]], *, whole: bool) -> Bands:
    return covering(written(bands), whole=whole)


def band_of(bands: Bands, number: float | None, epsilon: float = 0) -> str | None:
    [place] = pl.select(bands.place(pl.lit(number, pl.Float64), epsilon)).to_series().to_list()
    return None if place is None else "outside" if place < 0 else bands.labels[place]


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (13, "outside"), (14, "14-20"), (20, "14-20"), (21, "21-27"), (27, "21-27"), (28, "28-55"), (55, "28-55"),
        (56, "56-365"), (365, "56-365"), (366, "outside"), (None, None),
    ],
)  # fmt: skip
def test_whole_days_lie_between_both_ends_of_their_band(days: int | None, band: str | None) -> None:
    assert band_of(made(BREAK, whole=True), days) == band


@pytest.mark.parametrize(
    ("multiple", "band"),
    [
        (0.2, "up to 1"), (1.0, "up to 1"), (1.01, "above 1 to 2"), (2.0, "above 1 to 2"), (2.01, "above 2 to below 3"),
        (2.99, "above 2 to below 3"), (3.0, "3 to below 5"), (4.99, "3 to below 5"), (5.0, "5 to 10"),
        (10.0, "5 to 10"), (10.01, "above 10"), (400.0, "above 10"), (None, None),
    ],
)  # fmt: skip
def test_a_multiple_lies_on_the_side_that_its_band_says(multiple: float | None, band: str | None) -> None:
    assert band_of(made(PEAK, whole=False), multiple) == band


@pytest.mark.parametrize(("multiple", "band"), [(3.3 / 0.33, "5 to 10"), (0.99 / 0.33, "3 to below 5")])
def test_a_ratio_that_misses_its_number_by_floating_point_counts_as_it(multiple: float, band: str) -> None:
    bands = made(PEAK, whole=False)
    for slip in (-1e-12, 0, 1e-12):
        assert band_of(bands, multiple + slip, epsilon=1e-6) == band


@pytest.mark.parametrize(
    ("bands", "whole", "said"),
    [
        ((("from", 14, "to", 20), ("from", 22, "to", 27)), True, "bands 1 and 2 leave a gap"),
        ((("from", 14, "to", 20), ("from", 20, "to", 27)), True, "bands 1 and 2 overlap"),
        ((("to", 1), ("from", 1, "to", 2)), False, "bands 1 and 2 overlap"),
        ((("below", 1), ("above", 1, "to", 2)), False, "bands 1 and 2 leave a gap"),
        ((("to", 20), ("from", 21, "to", 27)), False, "bands 1 and 2 leave a gap"),
        ((("to", 1), ("above", 1), ("above", 2)), False, "bands 2 and 3 overlap"),
        ((("to", 1), ("to", 2)), False, "bands 1 and 2 overlap"),
        ((("from", 20, "to", 14),), True, "band 1 holds no number"),
        ((("from", 3, "below", 3),), False, "band 1 holds no number"),
        ((("from", 14, "to", 20.5),), True, "the bands of a whole number need whole ends"),
        ((), True, "no band is named"),
        ((("to", "edition"), ("above", 2)), False, "only the first band begins"),
    ],
)
def test_bands_that_do_not_cover_are_refused(bands: Any, whole: bool, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        made(bands, whole=whole)


def test_a_band_of_one_number_is_one() -> None:
    bands = made((("from", 3, "to", 3), ("from", 4)), whole=True)
    assert bands.labels == ("3", "4 or more")
    assert [band_of(bands, number) for number in (2, 3, 4)] == ["outside", "3", "4 or more"]


@pytest.mark.parametrize(
    "band",
    [{}, {"from": 1, "above": 1}, {"to": 1, "below": 1}, {"to": float("inf")}, {"to": float("nan")}, {"to": True}],
)
def test_a_band_has_one_finite_end_a_side(band: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Band.model_validate(band)


def test_ends_that_are_the_editions_are_numbers_of_it() -> None:
    [first, last] = written((("from", "edition", "to", 20), ("from", 21, "to", "edition")))
    bands = covering([first.within(10, 400), last.within(10, 400)], whole=True)
    assert bands.labels == ("10-20", "21-400")
    assert [band_of(bands, days) for days in (9, 10, 400, 401)] == ["outside", "10-20", "21-400", "outside"]
    with pytest.raises(ValueError, match="band 1 holds no number"):
        covering([first.within(21, 400), last.within(21, 400)], whole=True)


def test_coarser_bands_are_made_of_whole_finer_ones() -> None:
    fine = made(BREAK, whole=True)
    coarse = made((("from", 14, "to", 27), ("from", 28, "to", 365)), whole=True)
    assert coarse.joins(fine)
    assert coarse.of(fine) == (0, 0, 1, 1)
    assert not fine.joins(coarse)
    assert not made((("from", 14, "to", 26), ("from", 27, "to", 365)), whole=True).joins(fine)
    assert not made((("from", 14, "to", 27), ("from", 28)), whole=True).joins(fine)


def test_coarser_bands_that_are_open_hold_the_open_ones() -> None:
    fine = made(PEAK, whole=False)
    coarse = made((("below", 5), ("from", 5, "to", 10), ("above", 10)), whole=False)
    assert coarse.labels == ("below 5", "5 to 10", "above 10")
    assert coarse.joins(fine)
    assert coarse.of(fine) == (0, 0, 0, 0, 1, 2)
    assert not made((("to", 5), ("above", 5, "to", 10), ("above", 10)), whole=False).joins(fine)
