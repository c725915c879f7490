"""What the four monitoring rules share: one phase of the schedule, judged by its slots."""

import polars as pl

from audit.calendar import iso
from audit.guideline import Guideline
from audit.rule import Outcome, Rule, day, text

DUE_REASONS = ("all_met", "some_missed", "consecutive_missed", "total_missed")


def phase_rule(guideline: Guideline, id: str, title: str, statement: str, definition: str) -> Rule:
    """Return the rule over the slots of the phase with this id."""
    reason = pl.col("phase_reason")
    counts = text("{} of {} slots met", "met", pl.col("met") + pl.col("missed"))
    missed = text(
        "{} (due {})",
        "missed",
        pl.col("missed_due").list.eval(iso(pl.element())).list.join(", "),
    )
    has_phase = reason.is_not_null()
    agrees = pl.col("agrees").fill_null(value=True)
    pending = _pending(guideline, id)
    longest = text("longest stretch without a draw from day 0: {} days", "longest_draw_gap_days")

    def outcome(verdict: str, name: str, meaning: str, message: pl.Expr, on: str | None) -> Outcome:
        return Outcome(
            verdict,
            name,
            meaning,
            (has_phase & agrees & (reason == name)).fill_null(value=False),
            message,
            event_date=pl.col(on) if on else pl.col("restart_date"),
            next_change_on=pl.lit(None, dtype=pl.Int32) if verdict == "violation" else pending,
        )

    tolerances = [phase.tolerance for phase in guideline.schedule.phases if phase.rule == id]
    if guideline.schedule.long_term and guideline.schedule.long_term.rule == id:
        tolerances = [guideline.schedule.long_term.tolerance, "long_term_window_days"]
    names = [
        *tolerances,
        "hard_consecutive_missed",
        "hard_total_missed",
        "stability_max_x_ref",
        "unstable_extends",
        "max_extension_blocks",
        "inpatient_labs_captured",
        "result_lag_days",
    ]
    return Rule(
        id=id,
        title=title,
        kind="hard/soft",
        statement=statement,
        definition=definition,
        cites=tuple(guideline[name] for name in names),
        fold="phases",
        lag_days=guideline["result_lag_days"].days,
        outcomes=(
            Outcome(
                "not_applicable",
                "no_such_phase",
                "the edition's schedule has no such phase",
                ~has_phase,
                text("The edition's schedule has no such phase."),
            ),
            outcome(
                "not_applicable",
                "nothing_due",
                "no slot was met or missed yet",
                text("Nothing was due in this phase by {} (restart on {}).", day("censor_date"), day("restart_date")),
                None,
            ),
            Outcome(
                "indeterminate",
                "stability_open",
                "a censored value leaves the schedule open, and with it the verdict",
                has_phase & ~agrees,
                text("A censored value leaves open whether the schedule was extended; as it stands {}.", counts),
                next_change_on=pending,
            ),
            outcome(
                "violation",
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
                "violation",
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


def _pending(guideline: Guideline, id: str) -> pl.Expr:
    """Return the first day on which an open slot, or a block that moves this phase, is over while on drug.

    A slot is missed `result_lag_days` after its window: one that is over already (settles_on) needs no further day of
    observation, one that is not yet needs those of its window.
    """
    moving = {phase.rule for phase in guideline.schedule.phases if phase.when_unstable != "stays"}
    if guideline.schedule.long_term:
        moving.add(guideline.schedule.long_term.rule)
    lag = guideline["result_lag_days"].days
    candidates = [(pl.col("pending_on"), lag), *([(pl.col("block_ends_on"), 0)] if id in moving else [])]
    # Slots fall due only while the course goes on, as far as its records say.
    goes_on = pl.col("last_dose") == pl.col("observed_to")
    reachable = [
        pl.when(goes_on & (pl.min_horizontal("planned_last", "closes_on").fill_null(candidate) >= candidate)).then(
            candidate + later
        )
        for candidate, later in candidates
    ]
    return pl.min_horizontal("settles_on", *reachable)
