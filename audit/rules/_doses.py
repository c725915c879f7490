"""What the two dose rules share: two doses that cannot be compared."""

import polars as pl

from audit.rule import Outcome, text


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
