"""What the three stop rules share: triggers after the restart, judged by the response to each."""

import polars as pl

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Outcome, Proof, Rule, counted, day, number, text
from audit.rules._course import CHANGES_ON, first_after, taken
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


def measured(kind: str, name: pl.Expr, on: str) -> pl.Expr:
    """Return the result of a trigger in words: what, value with unit, day, multiple and whose reference it is of."""
    told = pl.col(f"{kind}_comparator").fill_null("")
    whose = (
        pl.when(f"{kind}_is_own")
        .then(pl.lit("the patient's own baseline"))
        .otherwise(pl.lit("its upper limit of normal"))
    )
    return text(
        "{} {}{} {} on {} ({}{} x {} of {} {})",
        name, told, number(f"{kind}_value"), f"{kind}_unit", day(on),
        told, number(f"{kind}_x_reference"), whose, number(f"{kind}_reference"), f"{kind}_unit",
    )  # fmt: skip


ENZYME = measured("enzyme", pl.col("enzyme_concept").str.to_uppercase(), "worst_enzyme_date")


def stop_rule(
    guideline: Guideline,
    entry: Entry,
    *,
    definition: str,
    names: tuple[str, ...],
    found: pl.Expr,
    proofs: tuple[Proof, ...],
    untriggered: tuple[Proof, ...] = (),
    blind: Outcome | None = None,
) -> Rule:
    """Return the rule over the triggers of its form; `found` names the worst of them in a sentence.

    `proofs` are what a trigger rests on beside its enzyme, `untriggered` what was looked at beside it where none is.
    `blind` is the outcome where the feed cannot show a trigger that may be there.
    """
    limit = trigger_limits(guideline)[entry.form]
    is_blind = blind.when if blind else NEVER
    grace = counted(guideline["stop_grace_days"].days, "day")
    quiet = counted(guideline["interrupt_min_days"].days, "drug-free day")
    certain, possible = pl.col("worst_certain"), pl.col("worst_possible")
    trigger, last = pl.col("worst_trigger"), pl.col("worst_last_dose")
    agrees = certain.eq_missing(possible)
    has_any = possible.is_not_null()
    changes = pl.col("changes_on")
    goes_on = last == pl.col("observed_to")

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
                    "{}; {}, {}.",
                    found,
                    taken(last),
                    pl.when(goes_on)
                    .then(pl.lit(f"within the grace of {grace}"))
                    .otherwise(pl.lit(f"and observation has not reached {quiet} after it")),
                ),
                event_date=trigger,
                next_change_on=first_after(changes, CHANGES_ON),
            ),
            Outcome(
                entry.broken,
                "not_stopped",
                "doses went on beyond the grace days after a trigger",
                ranked(3) & ~is_blind,
                text(f"{{}}, but {{}}, more than {grace} later.", found, taken(last)),
                event_date=trigger,
                next_change_on=pl.when(goes_on).then(CHANGES_ON),
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
