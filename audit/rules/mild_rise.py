"""The drug is not stopped automatically for a mild rise without symptoms.

Why it matters: such rises are often transient, and the disease needs the drug.
Advisory: the course ended on a mild, asymptomatic rise that was not repeated. Pass: it was.
Indeterminate: the feed has no clinical events, or a censored value leaves the rise open.
"""

import polars as pl

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Outcome, Proof, Rule, counting, day, text
from audit.rules._course import CHANGES_ON, taken
from audit.rules._proofs import ENZYMES, LAST_DOSE, baselines
from audit.rules._stop import bilirubin_limit, trigger_limits


def _flag(name: str) -> pl.Expr:
    return pl.col(name).fill_null(value=False)


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to an edition's numbers and words."""
    stop, back = guideline["stop_multiple"], guideline["overdiscontinuation_lookback_days"]
    ended = (pl.col("last_dose") < pl.col("observed_to")) & pl.col("ends_unexplained")
    limits = ("at_stop", "at_absolute", "bilirubin_raised")
    exceeds = pl.any_horizontal(*(_flag(name) for name in limits)) | _flag("has_trigger")
    may_exceed = pl.any_horizontal(*(_flag(f"{name}_possible") for name in limits)) | _flag("may_have_trigger")
    may_apply = ended & _flag("raised_possible") & ~exceeds & ~_flag("is_symptomatic")
    applies = ended & _flag("raised") & ~may_exceed & ~_flag("is_symptomatic")
    is_repeated, may_be_repeated = pl.col("draws_since") >= 2, pl.col("draws_since_possible") >= 2
    is_open = may_apply & (~applies | (is_repeated != may_be_repeated).fill_null(value=True))
    is_known = pl.col("has_events")
    # The higher of the limits that a value may have reached: a rise begins above the reference and is mild below these.
    reached = pl.col("at_stop_possible") | pl.col("at_absolute_possible")
    limit = (
        pl.when(pl.col("concept") == "bilirubin_total")
        .then(bilirubin_limit(guideline))
        .when(reached)
        .then(trigger_limits(guideline)["stop_at_multiple"])
        .otherwise("reference")
    )
    lookback = Proof("lookback", "lookback", limit=limit)
    stopped = day(pl.col("last_dose") + 1)
    return Rule(
        entry=entry,
        definition="The restart course was ended explicitly, unexplained or for the liver, without a trigger of the "
        "stop rules; in the overdiscontinuation_lookback_days up to the stop the largest ratio to E is "
        "above 1 and below stop_multiple, below stop_absolute_u_l, without symptom or raised bilirubin. "
        "Fewer than two draw days since the first raised one: advisory.",
        cites=(back, stop, guideline["stop_absolute_u_l"], guideline["stop_bili_multiple"]),
        proofs=(
            lookback,
            LAST_DOSE,
            baselines(*ENZYMES, "bilirubin_total"),
        ),
        outcomes=(
            Outcome(
                "not_applicable",
                "no_such_stop",
                "the course was not ended on a mild, asymptomatic rise",
                ~may_apply,
                text("The course was not ended on a mild, asymptomatic rise: {}.", taken()),
                next_change_on=CHANGES_ON,
                proofs=(
                    LAST_DOSE,
                    Proof("lookback", "lookback", ended, limit),
                    Proof("symptom", "lookback_symptoms", ended),
                ),
            ),
            Outcome(
                "indeterminate",
                "no_clinical_events",
                "the feed has no clinical events to show symptoms",
                may_apply & ~is_known,
                text(
                    "The drug was stopped on {} after a mild rise; the feed has no clinical events to show symptoms.",
                    stopped,
                ),
                event_date=pl.col("last_dose") + 1,
            ),
            Outcome(
                "indeterminate",
                "censored_value",
                "a censored value leaves the rise open",
                is_known & is_open,
                text(
                    "The drug was stopped on {}; a censored value leaves open whether that was for a mild rise.",
                    stopped,
                ),
                event_date=pl.col("last_dose") + 1,
            ),
            Outcome(
                entry.broken,
                "not_repeated",
                "the raised draw was not repeated before the stop",
                is_known & applies & ~is_open & ~is_repeated.fill_null(value=False),
                text(
                    f"The drug was stopped on {{}} after a rise below {stop.digits} x its reference without "
                    f"symptoms, "
                    "first seen on {} and not repeated.",
                    stopped,
                    day("first_raised"),
                ),
                event_date=pl.col("last_dose") + 1,
            ),
            Outcome(
                "pass",
                "repeated",
                "the raised draw was repeated before the stop",
                is_known & applies & ~is_open & is_repeated.fill_null(value=False),
                text(
                    "The drug was stopped on {} after a mild rise first seen on {} that {} confirmed.",
                    stopped,
                    day("first_raised"),
                    counting("draws_since", "draw day"),
                ),
                event_date=pl.col("last_dose") + 1,
            ),
        ),
    )
