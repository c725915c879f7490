"""What the two symptom rules share: a feed that shows no symptom."""

import polars as pl

from audit.rule import Outcome, day, text
from audit.rules._proofs import COURSE


def unseen() -> Outcome:
    """Return the outcome where the feed has no clinical events."""
    return Outcome(
        "indeterminate",
        "no_clinical_events",
        "the feed has no clinical events",
        ~pl.col("has_events"),
        text("The feed has no clinical events: symptoms after the restart on {} cannot be seen.", day("restart_date")),
        proofs=COURSE,
    )
