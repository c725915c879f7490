"""What the two rules on the injury's grade share: the peak, and the values that leave it open."""

import polars as pl

from audit.rule import Proof


def grade(limit: pl.Expr) -> tuple[Proof, ...]:
    """Return the results that the grade rests on, held against a limit in the value's unit."""
    return (
        Proof("peak", "injury", pl.col("is_peak"), limit),
        Proof("censored", "injury", pl.col("is_censored") & pl.col("moderate_possible"), limit),
    )
