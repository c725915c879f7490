"""Baselines of ALT, AST and total bilirubin before the first exposure (rules.md section 3.2)."""

import polars as pl

from audit.guideline import Guideline

PATIENT = "patient_id"
ANALYTES = ("alt", "ast", "bilirubin_total")


def known_from(events: pl.LazyFrame, concept: str) -> pl.LazyFrame:
    """Return one row a patient with `known_on`, the first day that the concept was coded."""
    return events.filter(pl.col("concept") == concept).group_by(PATIENT).agg(known_on=pl.col("date").min())


def prevalent_users(
    people: pl.LazyFrame, other_thiopurines: pl.LazyFrame, events: pl.LazyFrame, guideline: Guideline
) -> pl.LazyFrame:
    """Return `people` (patient_id, first_exposure, observation_start) with `has_no_baseline`.

    On-treatment values and the flare being treated are no baseline.
    """
    washout = guideline["incident_washout_days"].days
    first = pl.col("first_exposure")
    treated = (
        people.join(other_thiopurines, on=PATIENT)
        .filter(pl.col("start") < first, pl.col("end") >= first - washout)
        .select(PATIENT, is_treated=pl.lit(value=True))
        .unique()
    )
    return (
        people.join(treated, on=PATIENT, how="left")
        .join(known_from(events, "autoimmune_hepatitis"), on=PATIENT, how="left")
        .with_columns(
            has_no_baseline=(first - pl.col("observation_start") < washout)
            | pl.col("is_treated").fill_null(value=False)
            | (pl.col("known_on") <= first).fill_null(value=False)
        )
        .drop("is_treated", "known_on")
    )


def sources(labs: pl.LazyFrame, people: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return the results that baselines rest on: one row a patient, analyte and day, the last n days."""
    grain = [PATIENT, "concept"]
    since = pl.col("first_exposure") - guideline["baseline_lookback_days"].days
    return (
        labs.filter(pl.col("concept").is_in(ANALYTES))
        .join(people, on=PATIENT)
        .filter(pl.col("date").is_between(since, pl.col("first_exposure")))
        # The largest value of a day counts; among equal values the one further above its limit.
        .sort(*grain, "date", "value", "uln", "result_id", descending=[False, False, True, True, False, False])
        .unique([*grain, "date"], keep="first", maintain_order=True)
        .filter(pl.int_range(pl.len()).over(grain) < guideline["baseline_last_n"].days)
    )


def baselines(sources: pl.LazyFrame, people: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row a patient and analyte: baseline (canonical unit), its status, and the median if raised.

    normal, abnormal or uln_fallback (no baseline). `raised_median` is the median wherever it lies above its
    ULN, a baseline or not; null elsewhere. A censored value enters the median as printed.
    """
    epsilon = guideline["ratio_epsilon"].number
    grid = people.select(PATIENT, "has_no_baseline").join(pl.LazyFrame({"concept": ANALYTES}), how="cross")
    medians = sources.group_by(PATIENT, "concept").agg(
        baseline=pl.col("value").median(), latest_uln=pl.col("uln").sort_by("date").last()
    )
    ratio = pl.col("baseline") / pl.col("latest_uln")
    is_usable = (
        ~pl.col("has_no_baseline")
        & pl.col("baseline").is_not_null()
        & (ratio <= guideline["baseline_max_x_uln"].number + epsilon)
    )
    is_abnormal = ratio >= guideline["abnormal_baseline_min_x_uln"].number - epsilon
    return (
        grid.join(medians, on=[PATIENT, "concept"], how="left")
        .with_columns(
            baseline_status=pl.when(~is_usable.fill_null(value=False))
            .then(pl.lit("uln_fallback"))
            .when(is_abnormal)
            .then(pl.lit("abnormal"))
            .otherwise(pl.lit("normal"))
        )
        .select(
            PATIENT,
            "concept",
            "baseline_status",
            baseline=pl.when(pl.col("baseline_status") != "uln_fallback").then("baseline"),
            raised_median=pl.when(ratio > 1 + epsilon).then("baseline"),
        )
    )
