"""What the two dose rules share: two doses that cannot be compared, and the records that give both."""

import polars as pl

from audit.rule import Outcome, Proof, text


def unknown(is_ambiguous: pl.Expr, is_unknown: pl.Expr, doses: pl.Expr, settles: pl.Expr) -> tuple[Outcome, Outcome]:
    """Return the outcomes of a dose that is unknown; `doses` tells both, `settles` the day that settles them."""
    return (
        Outcome(
            "indeterminate",
            "ambiguous_orders",
            "a dose is unknown: what gives it may be one order written twice",
            is_ambiguous,
            text("The doses cannot be compared, for two records that agree may be one order written twice: {}.", doses),
            next_change_on=settles,
        ),
        Outcome(
            "indeterminate",
            "dose_unknown",
            "a dose is unknown",
            is_unknown,
            text("The doses cannot be compared: {}.", doses),
            next_change_on=settles,
        ),
    )


def proofs(earlier: str) -> tuple[Proof, ...]:
    """Return the records that give the earlier dose and the one on the restart."""
    return tuple(Proof(role, "doses", pl.col("role") == role) for role in (earlier, "dose_restart"))
