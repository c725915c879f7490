"""What the two rules on the injury's grade share: the peak, and the values that leave it open."""

import polars as pl

from audit.rule import Proof


def grade(limit: pl.Expr, reach: str) -> tuple[Proof, ...]:
    """Return the results that the grade rests on, held against a limit in their unit.

    `reach` names the grade that a censored value must possibly reach to leave the answer open.
    """
    return (
        Proof("peak", "injury", pl.col("is_peak"), limit),
        Proof("censored", "injury", pl.col("is_censored") & pl.col(f"{reach}_possible"), limit),
    )
