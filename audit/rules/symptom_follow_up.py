"""Mild symptoms with modestly raised enzymes are followed up.

Why it matters: they may be the first sign of an injury.
Advisory: neither another draw nor the end of the course followed in time. The worst symptom episode counts.
Indeterminate: observation ended first, a censored value leaves the rise open, or the feed has no clinical events.
"""

import polars as pl

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Outcome, Proof, Rule, counted, day, text
from audit.rules._proofs import COURSE_END
from audit.rules._symptoms import unseen


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to an edition's numbers and words."""
    days = guideline["pitfall_followup_days"]
    in_time = counted(days.days, "day")
    certain, possible = pl.col("modest_worst"), pl.col("modest_worst_possible")
    symptom, draw = pl.col("modest_symptom_date"), pl.col("modest_draw_date")
    is_known = pl.col("has_events")
    agrees = certain.eq_missing(possible)
    # Modest is above the reference and below the multiple: the limit is the higher of those that it may have reached.
    multiple = pl.when("at_symptom_possible").then(guideline["stop_symptom_multiple"].number).otherwise(1.0)
    limit = multiple * pl.col("reference")
    what = text("A symptom on {} came with modestly raised enzymes on {}", day(symptom), day(draw))

    def ranked(rank: int) -> pl.Expr:
        return is_known & agrees & (possible == rank).fill_null(value=False)

    return Rule(
        entry=entry,
        definition="For each symptom episode whose first draw came within symptom_lft_pass_days with a largest "
        "ratio to E above 1 and below stop_symptom_multiple: another draw within pitfall_followup_days, "
        "or the course's last dose by then. The worst counts.",
        cites=(days, guideline["stop_symptom_multiple"], guideline["symptom_lft_pass_days"]),
        proofs=(
            Proof("symptom", "new_symptoms", pl.col("may_be_modest")),
            Proof("draw", "first_draws", pl.col("may_be_modest"), limit),
            Proof("follow_up", "next_draws", pl.col("may_be_modest")),
            Proof("response", "records", pl.col("ends") & pl.col("is_answered_by_stop")),
        ),
        outcomes=(
            unseen(),
            Outcome(
                "not_applicable",
                "no_modest_rise",
                "no symptom with a modestly raised draw after it",
                is_known & possible.is_null(),
                text("No symptom with modestly raised enzymes after the restart on {}.", day("restart_date")),
                proofs=(Proof("symptom", "new_symptoms"), Proof("draw", "first_draws", limit=limit), COURSE_END),
            ),
            Outcome(
                "indeterminate",
                "censored_value",
                "a censored value leaves open whether the draw was modestly raised",
                is_known & possible.is_not_null() & ~agrees,
                text(
                    "A censored value leaves open whether enzymes were modestly raised with the symptom on {}.",
                    day(symptom),
                ),
                event_date=symptom,
                next_change_on=pl.col("modest_changes_on"),
            ),
            Outcome(
                "indeterminate",
                "observation_ended",
                "observation ended before the follow-up was due",
                ranked(1),
                text(
                    f"{{}}; no follow-up is known, and observation has not reached the end of the {in_time} for one.",
                    what,
                ),
                event_date=symptom,
                next_change_on=pl.col("modest_changes_on"),
            ),
            Outcome(
                entry.broken,
                "not_followed_up",
                "neither another draw nor a stop followed in time",
                ranked(2),
                text(f"{{}}, and neither another draw nor a stop followed within {in_time}.", what),
                event_date=symptom,
                next_change_on=pl.col("modest_changes_on"),
            ),
            Outcome(
                "pass",
                "followed_up",
                "another draw or a stop followed in time",
                ranked(0),
                text(f"{{}}, and another draw or a stop followed within {in_time}.", what),
                event_date=symptom,
                next_change_on=pl.col("modest_changes_on"),
            ),
        ),
    )
