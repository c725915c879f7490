"""Symptom episodes after the restart and the tests that followed them (rules.md section 7, MON-05, STP-06)."""

from collections.abc import Iterable

import polars as pl

from audit.guideline import Guideline
from audit.vocabulary import RANKS

PATIENT, EPISODE = "patient_id", "episode_id"


def concepts(names: Iterable[str]) -> list[str]:
    """Return the concepts of symptoms by their names in the edition."""
    return [f"symptom_{name}" for name in names]


def incident(episodes: pl.LazyFrame, events: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return the symptom events after day 0 and by the censor date that are new to the patient."""
    washout = guideline["symptom_washout_days"].days
    coded = events.filter(pl.col("concept").is_in(concepts(guideline["monitor_symptoms"].names)))
    days = (
        coded.select(PATIENT, "concept", "date")
        .unique()
        .sort(PATIENT, "concept", "date")
        .with_columns(previous=pl.col("date").shift(1).over(PATIENT, "concept"))
        .filter(pl.col("previous").is_null() | (pl.col("date") - pl.col("previous") > washout))
        .drop("previous")
    )
    return (
        episodes.select(EPISODE, PATIENT, "restart_date", "censor_date")
        .join(coded.join(days, on=[PATIENT, "concept", "date"]), on=PATIENT)
        .filter(pl.col("date") > pl.col("restart_date"), pl.col("date") <= pl.col("censor_date"))
        .select(EPISODE, PATIENT, "event_id", "concept", "date")
    )


def grouped(incident: pl.DataFrame, guideline: Guideline) -> pl.DataFrame:
    """Return one row an incident symptom event with `symptom_date`, the first day of its symptom episode.

    A group takes all within the merge window of its first, so each pass settles the first open group of
    every episode at once: as many passes as the busiest episode has groups.
    """
    reach = guideline["symptom_merge_days"].days
    settled, rest = [incident.clear().with_columns(symptom_date=pl.col("date"))], incident
    while rest.height:
        rest = rest.with_columns(symptom_date=pl.col("date").min().over(EPISODE))
        is_mine = pl.col("date") <= pl.col("symptom_date") + reach
        settled.append(rest.filter(is_mine))
        rest = rest.filter(~is_mine).drop("symptom_date")
    return pl.concat(settled)


def tested(grouped: pl.LazyFrame, episodes: pl.LazyFrame, draws: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row a symptom episode: first draw on or after it, the next one, and both rules' verdicts."""
    ordered = draws.select(
        PATIENT,
        "raised",
        "raised_possible",
        "at_symptom",
        "at_symptom_possible",
        draw_date="date",
        next_draw=pl.col("date").shift(-1).over(PATIENT),
    ).sort("draw_date")
    window = episodes.select(EPISODE, "observed_to", "last_dose", "planned_last")
    return (
        grouped.select(EPISODE, PATIENT, "symptom_date")
        .unique()
        .sort("symptom_date")
        .join_asof(
            ordered,
            left_on="symptom_date",
            right_on="draw_date",
            by=PATIENT,
            strategy="forward",
            check_sortedness=False,
        )
        .join(window, on=EPISODE)
        .with_columns(**_test_verdict(guideline))
        .with_columns(**_follow_up_verdict(guideline))
    )


def _test_verdict(guideline: Guideline) -> dict[str, pl.Expr]:
    """Judge the first draw after a symptom (MON-05); `test_changes_on` is when time alone may change it."""
    passes = pl.col("symptom_date") + guideline["symptom_lft_pass_days"].days
    soft = pl.col("symptom_date") + guideline["symptom_lft_soft_days"].days
    draw, observed_to = pl.col("draw_date"), pl.col("observed_to")
    is_by_pass = (draw <= passes).fill_null(value=False)
    is_by_soft = (draw <= soft).fill_null(value=False)
    return {
        "test_verdict": pl.when(is_by_pass)
        .then(pl.lit("pass"))
        .when(is_by_soft)
        .then(pl.lit("advisory"))
        .when(observed_to < passes)
        .then(pl.lit("indeterminate"))
        .when(observed_to < soft)
        .then(pl.lit("advisory"))
        .otherwise(pl.lit("violation")),
        "test_changes_on": pl.when(is_by_soft)
        .then(None)
        .when(observed_to < passes)
        .then(passes)
        .when(observed_to < soft)
        .then(soft),
        "is_tested_at_once": is_by_pass,
    }


def _follow_up_verdict(guideline: Guideline) -> dict[str, pl.Expr]:
    """Judge what followed a modestly raised first draw (STP-06); null where there was none to follow."""
    due = pl.col("draw_date") + guideline["pitfall_followup_days"].days
    modest = pl.col("is_tested_at_once") & pl.col("raised") & ~pl.col("at_symptom_possible")
    may_be_modest = pl.col("is_tested_at_once") & pl.col("raised_possible") & ~pl.col("at_symptom")
    stopped = (pl.col("last_dose") <= due) & (pl.col("last_dose") < pl.col("observed_to"))
    is_followed = (pl.col("next_draw") <= due).fill_null(value=False) | stopped
    verdict = (
        pl.when(is_followed)
        .then(pl.lit("pass"))
        .when(pl.col("observed_to") < due)
        .then(pl.lit("indeterminate"))
        .otherwise(pl.lit("advisory"))
    )
    is_due_later = ~is_followed & (pl.col("observed_to") < due)
    # The end of the course answers too, on the day after it, and is shown beside a draw that did.
    ended = pl.col("planned_last") + 1
    ends_in_time = (pl.col("planned_last") <= due) & (pl.col("last_dose") == pl.col("observed_to"))
    return {
        "is_modest": modest.fill_null(value=False),
        "may_be_modest": may_be_modest.fill_null(value=False),
        "is_answered_by_stop": may_be_modest.fill_null(value=False) & stopped,
        "follow_up_verdict": pl.when(may_be_modest).then(verdict),
        "follow_up_due": due,
        "follow_up_changes_on": pl.when(may_be_modest).then(
            pl.min_horizontal(pl.when(is_due_later).then(due), pl.when(ends_in_time).then(ended))
        ),
    }


def folded(tested: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row an episode with a symptom episode: the worst of each rule and the days it hangs on."""
    test_rank = pl.col("test_verdict").replace_strict(RANKS, return_dtype=pl.Int8)
    follow_rank = pl.col("follow_up_verdict").replace_strict(RANKS, return_dtype=pl.Int8, default=None)

    def at_worst(column: str, rank: pl.Expr) -> pl.Expr:
        return pl.col(column).sort_by(rank.fill_null(-1), "symptom_date", descending=[True, False]).first()

    return tested.group_by(EPISODE).agg(
        symptom_episodes=pl.len().cast(pl.Int64),
        test_worst=test_rank.max(),
        test_symptom_date=at_worst("symptom_date", test_rank),
        test_draw_date=at_worst("draw_date", test_rank),
        test_changes_on=pl.col("test_changes_on").min(),
        modest_worst=follow_rank.filter("is_modest").max(),
        modest_worst_possible=follow_rank.max(),
        modest_symptom_date=at_worst("symptom_date", follow_rank),
        modest_draw_date=at_worst("draw_date", follow_rank),
        modest_changes_on=pl.col("follow_up_changes_on").min(),
        is_answered_by_stop=pl.col("is_answered_by_stop").any(),
    )
