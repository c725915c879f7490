"""Liver enzymes are tested in every slot of a phase of the schedule after the restart.

Why it matters: a second injury is found early only by a draw.
Violation: consecutive slots or too many of the phase were missed. Advisory: fewer were.
Indeterminate: a censored value leaves the schedule open. Not applicable: nothing was due yet.
"""

import polars as pl

from audit.calendar import iso
from audit.edition import Entry
from audit.errors import GuidelineError
from audit.guideline import Guideline
from audit.rule import Outcome, Proof, Rule, counting, day, text
from audit.rules._proofs import COURSE_END

SHARED = (
    "hard_consecutive_missed",
    "hard_total_missed",
    "stability_max_x_ref",
    "unstable_extends",
    "max_extension_blocks",
    "inpatient_labs_captured",
    "result_lag_days",
)


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to the phase of the edition's schedule that has the rule's id."""
    definition, tolerances = _phase(guideline, entry.id)
    reason = pl.col("phase_reason")
    counts = text("{} of {} met", "met", counting(pl.col("met") + pl.col("missed"), "slot"))
    missed = text(
        "{} (due {})",
        "missed",
        pl.col("missed_due").list.eval(iso(pl.element())).list.join(", "),
    )
    agrees = pl.col("agrees").fill_null(value=True)
    pending = _pending(guideline, entry.id)
    unstable = Proof("unstable", "unstable", limit=guideline["stability_max_x_ref"].number * pl.col("reference"))
    is_open = Outcome(
        "indeterminate",
        "stability_open",
        "a censored value leaves the schedule open, and with it the verdict",
        ~agrees,
        text("A censored value leaves open whether the schedule was extended; as it stands {}.", counts),
        next_change_on=pending,
    )
    # No block moves the other phases: their slots stay where they are.
    moves, open_schedule = ((unstable,), (is_open,)) if entry.id in _moving(guideline) else ((), ())
    longest = text("longest stretch without a draw in this phase: {}", counting("longest_stretch", "day"))

    def outcome(verdict: str, name: str, meaning: str, message: pl.Expr, on: str | None, *proofs: Proof) -> Outcome:
        return Outcome(
            verdict,
            name,
            meaning,
            (agrees & (reason == name)).fill_null(value=False),
            message,
            event_date=pl.col(on) if on else pl.col("restart_date"),
            next_change_on=pending,
            proofs=proofs,
        )

    return Rule(
        entry=entry,
        definition=definition,
        cites=tuple(guideline[name] for name in (*tolerances, *SHARED)),
        fold="phases",
        lag_days=guideline["result_lag_days"].days,
        proofs=(
            Proof("slot", "slots"),
            Proof("before_gap", "gaps", pl.col("is_before")),
            Proof("after_gap", "gaps", ~pl.col("is_before")),
            *moves,
        ),
        outcomes=(
            outcome(
                "not_applicable",
                "nothing_due",
                "no slot was met or missed yet",
                text("No slot of this phase was met or missed after the restart on {}.", day("restart_date")),
                None,
                COURSE_END,
            ),
            *open_schedule,
            outcome(
                entry.broken,
                "consecutive_missed",
                "consecutive slots were missed",
                text(
                    "Monitoring lapsed after the restart on {}: {}, consecutive ones among the missed {}; {}.",
                    day("restart_date"),
                    counts,
                    missed,
                    longest,
                ),
                "last_missed_due",
            ),
            outcome(
                entry.broken,
                "total_missed",
                "too many slots of the phase were missed",
                text(
                    "Monitoring lapsed after the restart on {}: {}, missed {}; {}.",
                    day("restart_date"),
                    counts,
                    missed,
                    longest,
                ),
                "last_missed_due",
            ),
            outcome(
                "advisory",
                "some_missed",
                "slots were missed, fewer than the hard limits",
                text(
                    "Monitoring after the restart on {} had gaps: {}, missed {}; {}.",
                    day("restart_date"),
                    counts,
                    missed,
                    longest,
                ),
                "last_missed_due",
            ),
            outcome(
                "pass",
                "all_met",
                "every slot that was due was met",
                text("Monitoring after the restart on {} was complete: {}.", day("restart_date"), counts),
                None,
            ),
        ),
    )


def _phase(guideline: Guideline, rule_id: str) -> tuple[str, tuple[str, ...]]:
    """Return what the phase asks, in words, and the parameters that it names."""
    schedule = guideline.schedule
    met = "a slot is met by any ALT or AST draw in its window"
    for phase in schedule.phases:
        if phase.rule == rule_id:
            days = ", ".join(str(day) for day in phase.days)
            more = {"stays": "", "repeats": f", and as many {schedule.block_days} days later for each extension block"}
            moved = more.get(phase.when_unstable, f", moved {schedule.block_days} days by each extension block")
            return f"Slots at day {days} +/- {phase.tolerance}{moved}; {met}.", (phase.tolerance,)
    rolling = schedule.long_term
    if rolling is None or rolling.rule != rule_id:
        raise GuidelineError(f"rule {rule_id} takes the form phase, and the schedule has no phase of it")
    return (
        f"Rolling from the last slot of {rolling.after}: the next draw is due {rolling.step} days after the anchor and "
        f"missed when none falls within {rolling.step} + {rolling.tolerance} days of it.",
        (rolling.tolerance, "long_term_window_days"),
    )


def _moving(guideline: Guideline) -> set[str]:
    """Return the rules whose slots an extension block repeats or moves."""
    moving = {phase.rule for phase in guideline.schedule.phases if phase.when_unstable != "stays"}
    return moving | ({guideline.schedule.long_term.rule} if guideline.schedule.long_term else set())


def _pending(guideline: Guideline, id: str) -> pl.Expr:
    """Return the first day on which an open slot, or a block that moves this phase, is over, or the course before it.

    A slot is missed `result_lag_days` after its window: one that is over already (settles_on) needs no further day of
    observation, one that is not yet needs those of its window. What the course leaves open ends on the day after it.
    """
    lag = guideline["result_lag_days"].days
    candidates = [(pl.col("pending_on"), lag), *([(pl.col("block_ends_on"), 0)] if id in _moving(guideline) else [])]
    # Slots fall due only while the course goes on, as far as its records say.
    goes_on = pl.col("last_dose") == pl.col("observed_to")
    reachable = [
        pl.when(goes_on & (pl.min_horizontal("planned_last", "closes_on").fill_null(candidate) >= candidate)).then(
            candidate + later
        )
        for candidate, later in candidates
    ]
    ended = pl.col("planned_last") + 1
    is_seen = (ended <= pl.col("closes_on")).fill_null(value=True)
    leaves = pl.when(goes_on & is_seen & (pl.col("last_pending") >= ended)).then(ended)
    return pl.min_horizontal("settles_on", leaves, *reachable)
