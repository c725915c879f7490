"""The restart begins at a lower dose than the previous regimen.

Why it matters: toxicity depends on dose; a lower one is safer to try.
Advisory: the dose at restart is not below the dose on the last dose day before the stop.
Indeterminate: either dose is unknown, or given by records that may be one order written twice.
"""

import polars as pl

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Outcome, Rule, day, number, text
from audit.rules._doses import proofs, unknown


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to an edition's numbers and words."""
    tolerance, epsilon = guideline["dose_same_tolerance"], guideline["ratio_epsilon"]
    restart, earlier = pl.col("dose_restart_mg"), pl.col("dose_before_mg")
    is_ambiguous = pl.any_horizontal("dose_restart_is_ambiguous", "dose_before_is_ambiguous")
    is_unknown = restart.is_null() | earlier.is_null()
    # Compared as a ratio with its tolerance: 99 mg is not below 0.99 x 100 mg.
    is_same = restart / earlier >= tolerance.number - epsilon.number
    doses = text(
        "{} mg/day on {} against {} mg/day before the stop on {}",
        number(restart),
        day("restart_date"),
        number(earlier),
        day("stop_date"),
    )
    settles = pl.col("doses_settle_on")
    return Rule(
        entry=entry,
        definition="mg/day on the restart date < dose_same_tolerance x mg/day on the last dose day before the stop.",
        cites=(tolerance, guideline["renewal_overlap_days"]),
        proofs=proofs("dose_before", tolerance),
        outcomes=(
            *unknown(is_ambiguous, is_unknown, doses, settles),
            Outcome(
                entry.broken,
                "not_lower",
                "the restart dose is not below the previous dose",
                is_same,
                text("Not restarted at a lower dose than before: {}.", doses),
                next_change_on=settles,
            ),
            Outcome(
                "pass",
                "lower_dose",
                "the restart dose is below the previous dose",
                ~is_same,
                text("Restarted at a lower dose: {}.", doses),
                next_change_on=settles,
            ),
        ),
    )
