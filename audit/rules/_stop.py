"""What the three stop rules share: triggers after the restart, judged by the response to each."""

import polars as pl

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Outcome, Proof, Rule, day, text
from audit.rules._proofs import COURSE_END, highest

NEVER = pl.lit(value=False)


def trigger_limits(guideline: Guideline) -> dict[str, pl.Expr]:
    """Return by form what an enzyme must reach to be a trigger, in U/L."""

    def multiple(name: str) -> pl.Expr:
        return guideline[name].number * pl.col("reference")

    return {
        # A value that reached either limit reached the lower of the two.
        "stop_at_multiple": pl.min_horizontal(multiple("stop_multiple"), pl.lit(guideline["stop_absolute_u_l"].number)),
        "stop_with_symptom": multiple("stop_symptom_multiple"),
        "stop_with_bilirubin": multiple("stop_bili_enzyme_multiple"),
    }


def bilirubin_limit(guideline: Guideline) -> pl.Expr:
    """Return what a bilirubin must reach beside an enzyme, in mg/dL."""
    return guideline["stop_bili_multiple"].number * pl.col("reference")


def stop_rule(
    guideline: Guideline,
    entry: Entry,
    *,
    definition: str,
    names: tuple[str, ...],
    what: str,
    proofs: tuple[Proof, ...],
    untriggered: tuple[Proof, ...] = (),
    blind: Outcome | None = None,
) -> Rule:
    """Return the rule over the triggers of its form; `what` names the trigger in a sentence.

    `proofs` are what a trigger rests on beside its enzyme, `untriggered` what was looked at beside it where none is.
    `blind` is the outcome where the feed cannot show a trigger that may be there.
    """
    limit = trigger_limits(guideline)[entry.form]
    is_blind = blind.when if blind else NEVER
    grace = guideline["stop_grace_days"].days
    certain, possible = pl.col("worst_certain"), pl.col("worst_possible")
    trigger, last = pl.col("worst_trigger"), pl.col("worst_last_dose")
    agrees = certain.eq_missing(possible)
    has_any = possible.is_not_null()
    changes = pl.col("changes_on")
    found = text(f"{what} on {{}}", day(trigger))

    def ranked(rank: int) -> pl.Expr:
        return (has_any & agrees & (possible == rank)).fill_null(value=False)

    return Rule(
        entry=entry,
        definition=definition,
        cites=tuple(guideline[name] for name in (*names, "stop_grace_days", "interrupt_min_days")),
        fold="triggers",
        proofs=(
            Proof("trigger", "enzymes", pl.col(entry.form), limit),
            *proofs,
            Proof("response", "responses", pl.col(entry.form)),
        ),
        outcomes=(
            Outcome(
                "not_applicable",
                "no_trigger",
                "no trigger on drug after the restart",
                ~has_any & ~is_blind,
                text("No trigger to stop on drug after the restart on {}.", day("restart_date")),
                proofs=(highest("enzymes", limit), *untriggered, COURSE_END),
            ),
            *([blind] if blind else []),
            Outcome(
                "indeterminate",
                "censored_value",
                "a censored value may or may not be a trigger",
                has_any & ~agrees & ~is_blind,
                text("A censored value leaves open whether there was a trigger to stop: {}.", found),
                event_date=trigger,
                next_change_on=changes,
            ),
            Outcome(
                "indeterminate",
                "too_early",
                "the interruption has not been observed long enough",
                ranked(1) & ~is_blind,
                text(
                    "{}: observation ends on {}, too early to tell whether the drug was stopped (last dose {}).",
                    found,
                    day("observed_to"),
                    day(last),
                ),
                event_date=trigger,
                next_change_on=changes,
            ),
            Outcome(
                entry.broken,
                "not_stopped",
                "doses went on beyond the grace days after a trigger",
                ranked(3) & ~is_blind,
                text(f"{{}}, but the drug was taken until {{}}, more than {grace} days later.", found, day(last)),
                event_date=trigger,
            ),
            Outcome(
                "pass",
                "stopped",
                "the drug was interrupted at once after every trigger",
                ranked(0) & ~is_blind,
                text("{}, and the drug was interrupted at once (last dose {}).", found, day(last)),
                event_date=trigger,
            ),
        ),
    )
