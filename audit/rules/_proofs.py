"""Proofs that rules share."""

import polars as pl

from audit.rule import Proof

# What every verdict rests on; also a death that was not used, and the row that contradicts it.
EVERY = (
    Proof("restart", "records", pl.col("begins")),
    Proof("stop", "records", pl.col("ends_before")),
    Proof("death", "deaths", pl.col("is_told")),
    Proof("after_death", "deaths", ~pl.col("is_told")),
)
ALWAYS = pl.lit(value=True)
ENZYMES = ("alt", "ast")
ONSET = Proof("onset", "injury", pl.col("date") == pl.col("onset_date"))
LAST_DOSE = Proof("response", "records", pl.col("ends"))
# The records between which something was looked for and not found: the break, or the restart course.
BREAK = (Proof("window_start", "records", pl.col("ends_before")), Proof("window_end", "records", pl.col("begins")))
COURSE_END = Proof("window_end", "records", pl.col("ends"))
COURSE = (Proof("window_start", "records", pl.col("begins")), COURSE_END)
ON_DRUG = pl.col("date") <= pl.col("last_dose") + 1


def baselines(*concepts: str, where: pl.Expr = ALWAYS) -> Proof:
    """Return the results that the baselines of the concepts rest on, of episodes where a value was held against one."""
    return Proof("baseline", "baselines", pl.col("concept").is_in(concepts) & where)


def highest(source: str, limit: pl.Expr, while_: pl.Expr = ON_DRUG) -> Proof:
    """Return the results that came nearest to a limit, or furthest above it, while something holds of their day."""
    share = pl.col("value") / limit
    return Proof("highest", source, while_ & (share == share.filter(while_).max().over("episode_id")), limit)
