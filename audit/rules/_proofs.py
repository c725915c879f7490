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
ENZYMES = ("alt", "ast")
ONSET = Proof("onset", "injury", pl.col("date") == pl.col("onset_date"))
LAST_DOSE = Proof("response", "records", pl.col("ends"))


def baselines(*concepts: str) -> Proof:
    """Return the results that the baselines of the concepts rest on."""
    return Proof("baseline", "baselines", pl.col("concept").is_in(concepts))
