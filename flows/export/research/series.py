"""Laboratory series of the rows that leave: analyte, time from the restart, rounded multiple, and no more."""

from collections.abc import Sequence

import polars as pl

from flows.errors import Usage
from flows.export.research.fields import WEEK, rounded, since
from flows.export.research.profile import Series
from flows.export.research.sources import Scan
from flows.references import concepts

BOUNDS = {"<": "at most", "<=": "at most", ">": "at least", ">=": "at least"}
WORDS = ("at least", "at most")


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
    # Rows are told by number until all is done: pseudonyms are long, and there is one for each result.
    ordered = leaving.sort("patient", "episode").with_row_index("row")
    results = (
        scan("labs")
        .filter(pl.col("analyte").is_in(asked.analytes), pl.col("x_uln").is_not_null())
        .select(
            "patient_id", "date", "comparator", "x_uln", analyte=pl.col("analyte").cast(pl.Enum(sorted(asked.analytes)))
        )
    )
    days = (pl.col("date") - pl.col("restart_date")).dt.total_days()
    found = (
        results.join(ordered.lazy().select("row", "patient_id", "restart_date"), on="patient_id", how="inner")
        .with_columns(days.alias("days"))
        .filter(pl.col("days").floordiv(WEEK).is_between(asked.first_week, asked.last_week))
        .select(
            "row",
            "analyte",
            since(pl.col("days"), time).alias(time),
            rounded(pl.col("x_uln")).alias("x_uln"),
            pl.col("comparator").replace_strict(BOUNDS, default=None, return_dtype=pl.Enum(WORDS)).alias("bound"),
        )
        .collect(engine="streaming")
        .sort(pl.all())
    )
    return found.select(
        *(ordered[name].gather(found["row"]).alias(name) for name in ("patient", "episode")),
        pl.col("analyte").cast(pl.String),
        time,
        "x_uln",
        pl.col("bound").cast(pl.String),
    )
