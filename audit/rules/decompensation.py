"""The drug is not restarted after hepatic decompensation.

Why it matters: the liver has shown that it has no reserve for a second injury.
Violation: a code of decompensation, or a raised INR with raised bilirubin and no anticoagulant, during the injury.
Indeterminate: a raised INR without a bilirubin near it, a censored value, or a feed without clinical events.
"""

import polars as pl

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Outcome, Proof, Rule, day, text
from audit.rules._proofs import ONSET


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to an edition's numbers and words."""
    coded, by_inr, open_inr = pl.col("decompensated_on"), pl.col("inr_decided_on"), pl.col("inr_open_on")
    is_decompensated = coded.is_not_null() | by_inr.is_not_null()
    lacks_bilirubin = pl.col("inr_lacks_bilirubin").fill_null(value=False)
    may_decide = pl.col("decides") | pl.col("may_decide")
    raised_inr = pl.lit(guideline["inr_decompensation_min"].number)
    raised_bilirubin = guideline["decompensation_bilirubin_x_uln"].number * pl.col("uln")
    # What was looked at: where the verdict is none of those above, none of it may decide.
    quiet = (
        ONSET,
        Proof("inr", "inrs", limit=raised_inr),
        Proof("bilirubin", "bilirubins_near_inrs", limit=raised_bilirubin),
        Proof("anticoagulant", "anticoagulants"),
    )
    during = text("between the onset on {} and the restart on {}", day("onset_date"), day("restart_date"))
    return Rule(
        entry=entry,
        definition="From onset to the day before restart: a code of decompensation; or INR >= "
        "inr_decompensation_min with bilirubin >= decompensation_bilirubin_x_uln x ULN within "
        "decompensation_bilirubin_window_days and no anticoagulant on that day or in "
        "anticoagulant_lookback_days before it.",
        cites=(
            guideline["inr_decompensation_min"],
            guideline["decompensation_bilirubin_x_uln"],
            guideline["decompensation_bilirubin_window_days"],
            guideline["anticoagulant_lookback_days"],
        ),
        proofs=(
            Proof("decompensation", "decompensation"),
            Proof("inr", "inrs", may_decide, raised_inr),
            Proof("bilirubin", "bilirubins_near_inrs", may_decide, raised_bilirubin),
        ),
        outcomes=(
            Outcome(
                entry.broken,
                "decompensation_coded",
                "a code of hepatic decompensation during the injury",
                coded.is_not_null(),
                text("Restarted on {} after hepatic decompensation was coded on {}.", day("restart_date"), day(coded)),
                event_date=coded,
            ),
            Outcome(
                entry.broken,
                "inr_and_bilirubin",
                "a raised INR with raised bilirubin, not anticoagulated",
                coded.is_null() & by_inr.is_not_null(),
                text(
                    "Restarted on {} although a raised INR on {} with raised bilirubin near it showed decompensation.",
                    day("restart_date"),
                    day(by_inr),
                ),
                event_date=by_inr,
            ),
            Outcome(
                "indeterminate",
                "no_bilirubin",
                "a raised INR without a bilirubin near it",
                ~is_decompensated & lacks_bilirubin,
                text(
                    "INR was raised on {} without a bilirubin near it: decompensation {} cannot be told.",
                    day(open_inr),
                    during,
                ),
                event_date=open_inr,
            ),
            Outcome(
                "indeterminate",
                "censored_value",
                "a censored value may or may not show decompensation",
                ~is_decompensated & ~lacks_bilirubin & open_inr.is_not_null(),
                text("A censored INR or bilirubin near {} leaves decompensation {} open.", day(open_inr), during),
                event_date=open_inr,
            ),
            Outcome(
                "indeterminate",
                "no_clinical_events",
                "the feed has no clinical events",
                ~is_decompensated & open_inr.is_null() & ~pl.col("has_events"),
                text("The feed has no clinical events: decompensation {} cannot be told.", during),
                proofs=quiet,
            ),
            Outcome(
                "pass",
                "none_found",
                "no sign of decompensation during the injury",
                pl.lit(value=True),
                text("No sign of decompensation {}.", during),
                proofs=quiet,
            ),
        ),
    )
