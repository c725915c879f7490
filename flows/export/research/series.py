"""Laboratory series of the rows that leave: analyte, time from the restart, rounded multiple, and no more."""

from collections.abc import Sequence

import polars as pl

from flows.errors import Usage
from flows.export.research.fields import WEEK, rounded, since
from flows.export.research.profile import Series
from flows.export.research.sources import Scan
from flows.references import concepts

BOUNDS = {"<": "at most", "<=": "at most", ">": "at least", ">=": "at least"}


def require_analytes(analytes: Sequence[str], profile: str) -> None:
    """Raise Usage where a profile names what is no laboratory concept."""
    known = {concept for concept, domain in concepts().items() if domain == "lab"}
    if unknown := [analyte for analyte in analytes if analyte not in known]:
        raise Usage(f"profile {profile}: no laboratory result is called {unknown[0]}")


def made(scan: Scan, asked: Series, leaving: pl.DataFrame, time: str) -> pl.DataFrame:
    """Return one row a result, episode and analyte, sorted by all it says.

    `leaving` has the rows that leave: patient_id, restart_date, and the pseudonyms patient and episode. Results that
    have no upper limit have no multiple, and stay.
    """
    results = (
        scan("labs")
        .filter(pl.col("analyte").is_in(asked.analytes), pl.col("x_uln").is_not_null())
        .select("patient_id", "analyte", "date", "comparator", "x_uln")
    )
    days = (pl.col("date") - pl.col("restart_date")).dt.total_days()
    return (
        leaving.lazy()
        .select("patient_id", "restart_date", "patient", "episode")
        .join(results, on="patient_id", how="inner")
        .with_columns(days.alias("days"))
        .filter(pl.col("days").floordiv(WEEK).is_between(asked.first_week, asked.last_week))
        .select(
            "patient",
            "episode",
            "analyte",
            since(pl.col("days"), time).alias(time),
            rounded(pl.col("x_uln")).alias("x_uln"),
            pl.col("comparator").replace_strict(BOUNDS, default=None, return_dtype=pl.String).alias("bound"),
        )
        .sort(pl.all())
        .collect(engine="streaming")
    )
