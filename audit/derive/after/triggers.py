"""Stop triggers after the restart and the response to each (rules.md section 7)."""

import polars as pl

from audit.derive.after.symptoms import concepts
from audit.guideline import Guideline
from audit.vocabulary import RANKS

PATIENT, EPISODE = "patient_id", "episode_id"
FORMS = ("stop_at_multiple", "stop_with_symptom", "stop_with_bilirubin")


def reached(suffix: str) -> dict[str, pl.Expr]:
    """Return by form whether an enzyme reaches what makes it part of a trigger: for certain, or `_possible`."""
    return {
        "stop_at_multiple": pl.col(f"at_stop{suffix}") | pl.col(f"at_absolute{suffix}"),
        "stop_with_symptom": pl.col(f"at_symptom{suffix}"),
        "stop_with_bilirubin": pl.col(f"at_bilirubin{suffix}"),
    }


def after_restart(episodes: pl.LazyFrame, days: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """Return the days after day 0 on which a test holds, certainly (`<name>`) or possibly."""
    return (
        episodes.select(EPISODE, PATIENT, "restart_date")
        .join(days.filter(f"{name}_possible"), on=PATIENT)
        .filter(pl.col("date") > pl.col("restart_date"))
        .select(EPISODE, "date", is_certain=name)
    )


def paired(enzyme: pl.LazyFrame, other: pl.LazyFrame, window: int) -> pl.LazyFrame:
    """Return the later day of every enzyme day and other day within the window of each other."""
    return (
        enzyme.join(other, on=EPISODE, suffix="_other")
        .filter((pl.col("date") - pl.col("date_other")).abs() <= window)
        .select(
            EPISODE,
            date=pl.max_horizontal("date", "date_other"),
            is_certain=pl.col("is_certain") & pl.col("is_certain_other"),
            enzyme_date="date",
            other_date="date_other",
        )
    )


def candidates(
    episodes: pl.LazyFrame,
    draws: pl.LazyFrame,
    bilirubin_days: pl.LazyFrame,
    events: pl.LazyFrame,
    guideline: Guideline,
) -> pl.LazyFrame:
    """Return the days of the edition's stop rules, on drug or not: rule_id, form, date, is_certain, the pair's days."""
    alone = after_restart(episodes, draws, "at_interrupt").with_columns(
        enzyme_date="date", other_date=pl.lit(None, dtype=pl.Int32)
    )
    symptomatic = (
        events.filter(pl.col("concept").is_in(concepts(guideline["stop_symptoms"].names)))
        .join(episodes.select(EPISODE, PATIENT, "restart_date"), on=PATIENT)
        .filter(pl.col("date") > pl.col("restart_date"))
        .select(EPISODE, "date", is_certain=pl.lit(value=True))
        .unique()
    )
    with_symptom = paired(
        after_restart(episodes, draws, "at_symptom"), symptomatic, guideline["stop_symptom_window_days"].days
    )
    with_bilirubin = paired(
        after_restart(episodes, draws, "at_bilirubin"),
        after_restart(episodes, bilirubin_days, "at_stop_bilirubin"),
        guideline["stop_bili_window_days"].days,
    )
    parts = [
        part.with_columns(rule_id=pl.lit(rule), form=pl.lit(form))
        for form, part in zip(FORMS, (alone, with_symptom, with_bilirubin), strict=True)
        for rule in guideline.taking(form)
    ]
    # An edition without a stop rule has no triggers.
    return pl.concat(parts) if parts else alone.with_columns(rule_id=pl.lit(""), form=pl.lit("")).clear()


def on_drug(candidates: pl.LazyFrame, episodes: pl.LazyFrame, segments: pl.LazyFrame) -> pl.LazyFrame:
    """Keep the triggers on a covered day of the restart course or the day after one; add `run` and `run_end`."""
    cover = (
        episodes.select(EPISODE, PATIENT, "course")
        .join(segments, on=[PATIENT, "course"])
        .select(EPISODE, "run", "seg_start", "seg_end", "run_end")
        .sort("seg_start")
    )
    return (
        candidates.sort("date")
        .join_asof(cover, left_on="date", right_on="seg_start", by=EPISODE, strategy="backward", check_sortedness=False)
        .filter(pl.col("date") <= pl.col("seg_end") + 1)
    )


def responses(triggers: pl.LazyFrame, episodes: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Add the `response` to each trigger and when time alone may change it, or whether the run goes on."""
    grace, quiet = guideline["stop_grace_days"].days, guideline["interrupt_min_days"].days
    day, last = pl.col("date"), pl.col("run_end")
    is_late = last > day + grace
    is_settled = last + quiet <= pl.col("observed_to")
    # A run that goes on is late on the first day past the grace, unless its records end before.
    goes_on = last == pl.col("observed_to")
    late_on = pl.min_horizontal(day + grace + 1, pl.col("planned_last") + 1)
    changes_on = pl.when(goes_on).then(late_on).otherwise(last + quiet)
    return triggers.join(episodes.select(EPISODE, "observed_to", "planned_last"), on=EPISODE).with_columns(
        response=pl.when(is_late)
        .then(pl.lit("violation"))
        .when(is_settled)
        .then(pl.lit("pass"))
        .otherwise(pl.lit("indeterminate")),
        changes_on=pl.when(~is_late & ~is_settled).then(changes_on),
    )


def folded(responses: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row an episode and rule with a possible trigger: worst response, certain and possible."""
    response, is_certain, day = pl.col("response"), pl.col("is_certain"), pl.col("date")
    apart = (pl.col("enzyme_date") - pl.col("other_date")).abs()
    # Of the pairs of one day a certain one is told first, then the one whose days lie nearest.
    order = (pl.col("rank"), day, is_certain, apart, "enzyme_date")

    def at_worst(column: str) -> pl.Expr:
        return pl.col(column).sort_by(*order, descending=[True, False, True, False, False]).first()

    return (
        responses.with_columns(rank=response.replace_strict(RANKS, return_dtype=pl.Int8))
        .group_by(EPISODE, "rule_id", "form")
        .agg(
            worst_certain=pl.col("rank").filter(is_certain).max(),
            worst_possible=pl.col("rank").max(),
            worst_trigger=at_worst("date"),
            worst_last_dose=at_worst("run_end"),
            worst_enzyme_date=at_worst("enzyme_date"),
            worst_other_date=at_worst("other_date"),
            changes_on=pl.col("changes_on").min(),
        )
    )
