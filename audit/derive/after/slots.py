"""Monitoring slots and the verdict of each phase (rules.md section 6).

Grain `episode_id`, `blocks` (number of extension blocks that the values allow), `rule_id`, `slot`.
"""

import polars as pl

from audit.edition import LongTerm, Phase
from audit.guideline import Guideline

PATIENT, EPISODE = "patient_id", "episode_id"
SCENARIO = [EPISODE, "blocks"]
PHASE = [*SCENARIO, "rule_id"]
COLUMNS = [*PHASE, "slot", "due_date", "window_start", "window_end", "met_on"]


def slots(
    scenarios: pl.LazyFrame, course_draws: pl.LazyFrame, stays: pl.LazyFrame | None, guideline: Guideline
) -> pl.LazyFrame:
    """Return every slot of every scenario (scenarios carry the episode's days) with its status.

    `settled_to`: the last day of a window that is known to be missed, for the results of later days may still come.
    """
    draws = course_draws.select(EPISODE, "date")
    fixed = [_phase_slots(scenarios, draws, phase, guideline) for phase in guideline.schedule.phases]
    parts = [part.select(COLUMNS) for part in fixed]
    if (long_term := guideline.schedule.long_term) is not None:
        after = [phase.rule for phase in guideline.schedule.phases].index(long_term.after)
        anchors = _anchors(scenarios, fixed[after])
        parts.append(_rolling_slots(anchors, draws, long_term, guideline).select(COLUMNS))
    censor = scenarios.select(*SCENARIO, PATIENT, "censor_date", "settled_to", "observed_to")
    status = (
        pl.when(pl.col("met_on").is_not_null())
        .then(pl.lit("met"))
        .when(pl.col("window_end") <= pl.col("settled_to"))
        .then(pl.lit("missed"))
        .when((pl.col("censor_date") < pl.col("observed_to")) & (pl.col("window_end") > pl.col("censor_date")))
        .then(pl.lit("ended"))
        .otherwise(pl.lit("not_due"))
    )
    judged = pl.concat(parts).join(censor, on=SCENARIO).with_columns(status=status)
    return _excused(judged, stays, guideline).select(*COLUMNS, "status", "censor_date").sort(*PHASE, "slot")


def _phase_slots(scenarios: pl.LazyFrame, draws: pl.LazyFrame, phase: Phase, guideline: Guideline) -> pl.LazyFrame:
    """Return the slots of a phase with fixed due days, repeated or moved by the extension blocks."""
    tolerance, length = guideline[phase.tolerance].days, guideline.schedule.block_days
    shifts = {
        "stays": pl.lit([0], dtype=pl.List(pl.Int32)),
        "repeats": pl.int_ranges(0, pl.col("blocks") + 1, dtype=pl.Int32),
        "moves": pl.concat_list("blocks"),
    }
    due_days = pl.LazyFrame({"due_day": phase.days}, schema={"due_day": pl.Int32})
    due = (
        scenarios.select(*SCENARIO, "restart_date", shift=shifts[phase.when_unstable])
        .explode("shift")
        .join(due_days, how="cross")
        .with_columns(due_date=pl.col("restart_date") + pl.col("due_day") + length * pl.col("shift"))
        .sort(*SCENARIO, "due_date")
        .with_columns(
            rule_id=pl.lit(phase.rule),
            slot=pl.int_range(1, pl.len() + 1).over(SCENARIO),
            window_start=pl.col("due_date") - tolerance,
            window_end=pl.col("due_date") + tolerance,
        )
    )
    first_draw = draws.select(EPISODE, met_on="date").sort("met_on")
    return (
        due.sort("window_start")
        .join_asof(
            first_draw,
            left_on="window_start",
            right_on="met_on",
            by=EPISODE,
            strategy="forward",
            check_sortedness=False,
        )
        .with_columns(met_on=pl.when(pl.col("met_on") <= pl.col("window_end")).then("met_on"))
    )


def _anchors(scenarios: pl.LazyFrame, phase_slots: pl.LazyFrame) -> pl.LazyFrame:
    """Return the first anchor of each scenario: the draw that met the phase's last slot, or its due day."""
    last = phase_slots.filter(pl.col("slot") == pl.col("slot").max().over(SCENARIO))
    return scenarios.select(*SCENARIO, "settled_to").join(
        last.select(*SCENARIO, anchor=pl.coalesce("met_on", "due_date")), on=SCENARIO
    )


def _rolling_slots(anchors: pl.LazyFrame, draws: pl.LazyFrame, phase: LongTerm, guideline: Guideline) -> pl.LazyFrame:
    """Return the slots of the long-term phase.

    Every draw after the anchor meets a slot and is the next anchor. Between two anchors further apart
    than step + tolerance lie missed slots, one a step, until the draw is within reach of the last due day.
    """
    step, tolerance = phase.step, guideline[phase.tolerance].days
    links = (
        anchors.join(draws, on=EPISODE)
        .filter(pl.col("date") > pl.col("anchor"))
        .select(*SCENARIO, "anchor", "settled_to", met_on="date")
        .sort(*SCENARIO, "met_on")
        .with_columns(anchor=pl.col("met_on").shift(1).over(SCENARIO).fill_null(pl.col("anchor")))
        .with_columns(missed=(pl.col("met_on") - pl.col("anchor") - tolerance - 1) // step)
    )
    last = links.group_by(SCENARIO).agg(last_draw=pl.col("met_on").max())
    tail = (
        anchors.join(last, on=SCENARIO, how="left")
        .with_columns(anchor=pl.coalesce("last_draw", "anchor"), met_on=pl.lit(None, dtype=pl.Int32))
        .with_columns(missed=(pl.col("settled_to") - pl.col("anchor") - tolerance) // step)
    )
    columns = [*SCENARIO, "anchor", "met_on", "missed"]
    chain = pl.concat([links.select(columns), tail.select(columns)]).with_columns(
        missed=pl.col("missed").clip(lower_bound=0)
    )
    # A link is its missed slots and then the one that the draw meets (or that is still open).
    anchor = pl.col("anchor") + step * pl.col("nth")
    return (
        chain.with_columns(nth=pl.int_ranges(0, pl.col("missed") + 1, dtype=pl.Int32))
        .explode("nth")
        .with_columns(
            rule_id=pl.lit(phase.rule),
            window_start=anchor + 1,
            due_date=anchor + step,
            window_end=anchor + step + tolerance,
            met_on=pl.when(pl.col("nth") == pl.col("missed")).then("met_on"),
        )
        .sort(*SCENARIO, "window_start")
        .with_columns(slot=pl.int_range(1, pl.len() + 1).over(SCENARIO))
    )


def _excused(slots: pl.LazyFrame, stays: pl.LazyFrame | None, guideline: Guideline) -> pl.LazyFrame:
    """Excuse missed slots that lie wholly inside a stay, where the feed lacks inpatient results."""
    if guideline["inpatient_labs_captured"].value or stays is None:
        return slots
    inside = (
        slots.filter(pl.col("status") == "missed")
        .join(stays.select(PATIENT, "admitted_on", "discharged_on"), on=PATIENT)
        .filter(
            pl.col("admitted_on") <= pl.col("window_start"),
            pl.coalesce("discharged_on", "observed_to") >= pl.col("window_end"),
        )
        .select(*PHASE, "slot", is_excused=pl.lit(value=True))
        .unique()
    )
    return slots.join(inside, on=[*PHASE, "slot"], how="left").with_columns(
        status=pl.when("is_excused").then(pl.lit("excused")).otherwise("status")
    )


def _stretches(counted: pl.LazyFrame, course_draws: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row a scenario and phase: `longest_stretch`, the most days in a row without a draw among its own.

    Its own days are those from the first window that counts to the last. What is left of a window that is met is
    shorter than any that was missed: it is never the longest stretch.
    """
    own = counted.group_by(PHASE).agg(first_day=pl.col("window_start").min(), last_day=pl.col("window_end").max())
    inside = (
        own.join(course_draws.select(EPISODE, "date"), on=EPISODE)
        .filter(pl.col("date").is_between("first_day", "last_day"))
        .select(*PHASE, "date")
    )
    edges = (own.select(*PHASE, date=edge) for edge in (pl.col("first_day") - 1, pl.col("last_day") + 1))
    return (
        pl.concat([inside, *edges])
        .sort(*PHASE, "date")
        .group_by(PHASE)
        .agg(longest_stretch=(pl.col("date").diff().max() - 1).cast(pl.Int64))
    )


def phases(slots: pl.LazyFrame, course_draws: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row a scenario and phase: counts, the worst run of misses, verdict and reason.

    `pending_on`, `last_pending`: the first and last end of a window that is not over; `settles_on`: when one that is
    over will be known to be missed.
    """
    counted = slots.filter(pl.col("status").is_in(["met", "missed"])).sort(*PHASE, "slot")
    is_missed = pl.col("status") == "missed"
    total = guideline["hard_total_missed"].days
    long_term = guideline.schedule.long_term
    rolls = pl.col("rule_id") == (long_term.rule if long_term else "")
    span = pl.col("due_date").shift(-(total - 1)).over(PHASE) - pl.col("due_date")
    crowded = (
        counted.filter(is_missed)
        .filter(span.is_not_null() & (~rolls | (span < guideline["long_term_window_days"].days)))
        .select(*PHASE, is_crowded=pl.lit(value=True))
        .unique()
    )
    runs = counted.with_columns(run=(~is_missed).cast(pl.Int32).cum_sum().over(PHASE)).with_columns(
        run_length=is_missed.cast(pl.Int32).sum().over([*PHASE, "run"])
    )
    folded = runs.group_by(PHASE).agg(
        met=(~is_missed).sum().cast(pl.Int64),
        missed=is_missed.sum().cast(pl.Int64),
        longest_run=pl.col("run_length").max().cast(pl.Int64),
        last_missed_due=pl.col("due_date").filter(is_missed).max(),
        missed_due=pl.col("due_date").filter(is_missed).sort(),
    )
    is_over = pl.col("window_end") <= pl.col("censor_date")
    lag = guideline["result_lag_days"].days
    pending = (
        slots.filter(pl.col("status") == "not_due")
        .group_by(PHASE)
        .agg(
            pending_on=pl.col("window_end").filter(~is_over).min(),
            last_pending=pl.col("window_end").filter(~is_over).max(),
            settles_on=pl.col("window_end").filter(is_over).min() + lag,
        )
    )
    is_run = pl.col("longest_run") >= guideline["hard_consecutive_missed"].days
    reason = (
        pl.when(pl.col("missed") == 0)
        .then(pl.lit("all_met"))
        .when(is_run)
        .then(pl.lit("consecutive_missed"))
        .when("is_crowded")
        .then(pl.lit("total_missed"))
        .otherwise(pl.lit("some_missed"))
    )
    every = slots.select(PHASE).unique()
    return (
        every.join(folded, on=PHASE, how="left")
        .join(crowded, on=PHASE, how="left")
        .join(pending, on=PHASE, how="left")
        .join(_stretches(counted, course_draws), on=PHASE, how="left")
        .with_columns(phase_reason=pl.when(pl.col("met").is_null()).then(pl.lit("nothing_due")).otherwise(reason))
    )


def folded(phases: pl.LazyFrame, scenarios: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row an episode and phase; `agrees` is false where scenarios differ in their verdict."""
    soft = [entry.id for entry in guideline.written if entry.broken == "advisory"]
    verdict = pl.col("phase_reason").replace_strict(
        {
            "nothing_due": "not_applicable",
            "all_met": "pass",
            "some_missed": "advisory",
            "consecutive_missed": "violation",
            "total_missed": "violation",
        }
    )
    verdict = pl.when(pl.col("rule_id").is_in(soft)).then(verdict.replace("violation", "advisory")).otherwise(verdict)
    return (
        phases.join(scenarios.select(*SCENARIO, "is_certain", "block_ends_on"), on=SCENARIO)
        .with_columns(
            pl.col("pending_on", "settles_on").min().over(EPISODE, "rule_id"),
            pl.col("last_pending").max().over(EPISODE, "rule_id"),
            agrees=verdict.n_unique().over(EPISODE, "rule_id") == 1,
            block_ends_on=pl.col("block_ends_on").min().over(EPISODE, "rule_id"),
        )
        .filter("is_certain")
        .drop("blocks", "is_certain")
    )
