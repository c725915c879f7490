"""eDISH: the highest enzyme against the highest bilirubin of each restart, before it and after it, both by their ULN.

The limits are those of Hy's law (Temple 2006; FDA 2009; as a plot: Watkins et al. 2011): both reached is a liver injury
that may be grave, the enzyme alone is Temple's corollary, the bilirubin alone is cholestasis or Gilbert's syndrome.
"""

import polars as pl

from audit.figures.followed import EPISODE, PATIENT, followed
from audit.frames import Judged
from audit.guideline import Guideline

ENZYMES, BILIRUBIN = ("alt", "ast"), "bilirubin_total"
PERIODS = ("before", "after")
QUADRANTS = ("both", "enzyme", "bilirubin", "neither")


def peaks(judged: Judged, guideline: Guideline) -> pl.DataFrame:
    """Return one row an episode and period: the highest ALT or AST and total bilirubin, as multiples of their ULN.

    `before`: from onset to the day before the restart, as the grade has it; `after`: from day 1 as long as a rise
    counts as a recurrence. Null where none was measured; a censored value counts as its bound. `quadrant`: of
    QUADRANTS; null where either is.
    """
    days = followed(judged, guideline)
    a_day = pl.duration(days=1)
    spans = pl.concat(
        days.select(EPISODE, PATIENT, period=pl.lit(period), first=first, last=last)
        for period, first, last in (
            ("before", pl.col("onset_date"), pl.col("restart_date") - a_day),
            ("after", pl.col("restart_date") + a_day, pl.min_horizontal("reach", "observed_to")),
        )
    )
    measured = judged.kept.labs.lazy().filter(pl.col("analyte").is_in([*ENZYMES, BILIRUBIN]), pl.col("x_uln") > 0)
    found = (
        spans.lazy()
        .join(measured.select(PATIENT, "analyte", "date", "x_uln"), on=PATIENT)
        .filter(pl.col("date").is_between("first", "last"))
        .group_by(EPISODE, "period")
        .agg(
            enzyme_x_uln=pl.col("x_uln").filter(pl.col("analyte").is_in(ENZYMES)).max(),
            bilirubin_x_uln=pl.col("x_uln").filter(pl.col("analyte") == BILIRUBIN).max(),
        )
        .collect()
    )
    every = spans.select(EPISODE, "period").join(found, on=[EPISODE, "period"], how="left")
    return every.with_columns(quadrant=_quadrant(guideline)).sort("period", EPISODE, descending=[True, False])


def _quadrant(guideline: Guideline) -> pl.Expr:
    """Return where a point lies; on a limit it has reached it."""
    epsilon = guideline["ratio_epsilon"].number
    is_raised = pl.col("enzyme_x_uln") >= guideline["hys_law_enzyme_x_uln"].number - epsilon
    is_yellow = pl.col("bilirubin_x_uln") >= guideline["hys_law_bilirubin_x_uln"].number - epsilon
    return (
        pl.when(is_raised.is_null() | is_yellow.is_null()).then(None)
        .when(is_raised & is_yellow).then(pl.lit("both"))
        .when(is_raised).then(pl.lit("enzyme"))
        .when(is_yellow).then(pl.lit("bilirubin"))
        .otherwise(pl.lit("neither"))
    )  # fmt: skip
