"""What the two dose rules share: two doses that cannot be compared, and the records that give both."""

import polars as pl

from audit.edition import Parameter
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


def proofs(earlier: str, tolerance: Parameter) -> tuple[Proof, ...]:
    """Return the records that give the earlier dose and the one on the restart, and what may be one order with them.

    The limit is of the day's dose: where several records give it, of their sum.
    """
    limit = tolerance.number * pl.col(f"{earlier}_mg")
    return (
        Proof(earlier, "doses", pl.col("role") == earlier),
        Proof("dose_restart", "doses", pl.col("role") == "dose_restart", limit),
        Proof("same_order", "orders_twice", pl.col("role").is_in((earlier, "dose_restart"))),
    )
