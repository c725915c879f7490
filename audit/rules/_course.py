"""What rules say of a restart course that may still run: facts of the record, never the day of the audit."""

import polars as pl

from audit.rule import day, text

CHANGES_ON = pl.col("course_changes_on")


def taken(last: pl.Expr | str = "last_dose") -> pl.Expr:
    """Return in words whether the drug is being taken, or until when it was: to the `last` day of a run or course."""
    end = pl.col(last) if isinstance(last, str) else last
    return (
        pl.when(end != pl.col("observed_to"))
        .then(text("the drug was taken until {}", day(end)))
        .when("is_closed")
        .then(text("the drug was still being taken when observation ended on {}", day("observed_to")))
        .otherwise(pl.lit("the drug is still being taken"))
    )


def first_after(*days: pl.Expr) -> pl.Expr:
    """Return the earliest of the days that lie after the end of observation."""
    return pl.min_horizontal(*(pl.when(value > pl.col("observed_to")).then(value) for value in days))
