"""The drug is not restarted at the dose that caused the injury.

Why it matters: the same dose repeats the injury.
Violation: the daily dose at restart is not lower than the dose in force at onset.
Indeterminate: either dose is unknown, or given by records that may be one order written twice.
"""

import polars as pl

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Outcome, Rule, day, number, text
from audit.rules._doses import proofs, unknown
from audit.rules._proofs import ONSET


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to an edition's numbers and words."""
    tolerance, epsilon = guideline["dose_same_tolerance"], guideline["ratio_epsilon"]
    restart, earlier = pl.col("dose_restart_mg"), pl.col("dose_at_onset_mg")
    is_ambiguous = pl.any_horizontal("dose_restart_is_ambiguous", "dose_at_onset_is_ambiguous")
    is_unknown = restart.is_null() | earlier.is_null()
    # Compared as a ratio with its tolerance: 99 mg is not below 0.99 x 100 mg.
    is_same = restart / earlier >= tolerance.number - epsilon.number
    doses = text(
        "{} mg/day on {} against {} mg/day at the onset on {}",
        number(restart),
        day("restart_date"),
        number(earlier),
        day("onset_date"),
    )
    settles = pl.col("doses_settle_on")
    return Rule(
        entry=entry,
        definition="mg/day on the restart date >= dose_same_tolerance x mg/day in force on the onset date (no dose "
        "that day: on the last covered day before it).",
        cites=(tolerance, guideline["renewal_overlap_days"]),
        proofs=(*proofs("dose_at_onset", tolerance), ONSET),
        outcomes=(
            *unknown(is_ambiguous, is_unknown, doses, settles),
            Outcome(
                entry.broken,
                "same_dose",
                "the restart dose is not below the harmful dose",
                is_same,
                text("Restarted at the dose that caused the injury: {}.", doses),
                next_change_on=settles,
            ),
            Outcome(
                "pass",
                "lower_dose",
                "the restart dose is below the harmful dose",
                ~is_same,
                text("Restarted at a lower dose: {}.", doses),
                next_change_on=settles,
            ),
        ),
    )
