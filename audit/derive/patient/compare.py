"""Comparisons of results that may be censored.

A result is an interval of its true value: `lo` .. `hi`, each end open or closed. Every comparison is
asked twice: does it hold for *every* possible true value (certain), does it hold for *some* (possible)?
Ratios are compared with the absolute tolerance `ratio_epsilon` (rules.md 3.1), so that a value at a
limit is at the limit whatever floating point made of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

Scale = pl.Expr | float


def interval(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add lo, hi, lo_open, hi_open of the true value from value and comparator."""
    comparator, value = pl.col("comparator"), pl.col("value")
    is_lower, is_upper = comparator.is_in([">", ">="]), comparator.is_in(["<", "<="])
    return frame.with_columns(
        lo=pl.when(is_upper).then(0.0).otherwise(value),
        hi=pl.when(is_lower).then(float("inf")).otherwise(value),
        lo_open=comparator.eq_missing(">"),
        hi_open=comparator.eq_missing("<"),
        is_censored=comparator.is_not_null(),
    )


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison asked of an interval: does it hold for every true value, for some?"""

    certain: pl.Expr
    possible: pl.Expr


def at_least(scale: Scale, limit: float, epsilon: float) -> Test:
    """Ask whether true value / scale >= limit."""
    lo, hi = pl.col("lo") / scale, pl.col("hi") / scale
    return Test(
        certain=lo >= limit - epsilon,
        possible=(hi > limit + epsilon) | (~pl.col("hi_open") & (hi >= limit - epsilon)),
    )


def above(scale: Scale, limit: float, epsilon: float) -> Test:
    """Ask whether true value / scale > limit."""
    lo, hi = pl.col("lo") / scale, pl.col("hi") / scale
    return Test(
        certain=(lo > limit + epsilon) | (pl.col("lo_open") & (lo >= limit - epsilon)),
        possible=hi > limit + epsilon,
    )


def columns(tests: Mapping[str, Test]) -> dict[str, pl.Expr]:
    """Name each test's two answers `<name>` (certain) and `<name>_possible`."""
    named = {name: test.certain for name, test in tests.items()}
    return named | {f"{name}_possible": test.possible for name, test in tests.items()}
