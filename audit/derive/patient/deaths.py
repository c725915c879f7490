"""Deaths as the audit may use them (rules.md section 2): a date that its row or later rows contradict ends nothing."""

from datetime import date

import polars as pl

from audit.guideline import Guideline
from audit.rule import counted, day, text

PATIENT = "patient_id"
ENZYMES = ("alt", "ast")
FIRST_DEATH = date(1900, 1, 2)
IMPLAUSIBLE, CONTRADICTED = "implausible_death_date", "contradicted_death_date"
ACTIVITY = (PATIENT, "active_on", "active_table", "active_id", "active_concept")


def told(
    patients: pl.LazyFrame, labs: pl.LazyFrame, exposures: pl.LazyFrame, feed_end: int, guideline: Guideline
) -> pl.LazyFrame:
    """Return one row a patient with `death_note` (null where the death is used, or none is told) and what says so.

    `active_on`, `active_table`, `active_id`, `active_concept`: the first draw, or start of the audited drug, that
    contradicts a death.
    """
    slack = guideline["death_slack_days"].days
    later = held_against(patients, activity(labs, exposures, guideline), feed_end, slack)
    death = pl.col("death_date")
    why = (
        pl.when(death < (FIRST_DEATH - date(1970, 1, 1)).days)
        .then(text("it lies before {}", pl.lit(FIRST_DEATH.isoformat())))
        .when(death < pl.col("observation_start"))
        .then(text("it lies before the observation began on {}", day("observation_start")))
        .when(death.cast(pl.Date).dt.year() < pl.col("birth_year"))
        .then(text("it lies before the year of birth, {}", "birth_year"))
    )
    contradiction = text(
        "{} on {} lies more than {} after it",
        pl.when(pl.col("active_table") == "lab_results")
        .then(pl.lit("a draw"))
        .otherwise(pl.lit(f"a start of {guideline.audited_drug}")),
        day("active_on"),
        pl.lit(counted(slack, "day")),
    )
    return (
        patients.join(later, on=PATIENT, how="left")
        .with_columns(why=why)
        .with_columns(
            death_note=pl.when(pl.col("why").is_not_null())
            .then(pl.lit(IMPLAUSIBLE))
            .when(pl.col("active_on").is_not_null())
            .then(pl.lit(CONTRADICTED)),
            why=pl.coalesce("why", pl.when(pl.col("active_on").is_not_null()).then(contradiction)),
        )
        .with_columns(
            death_sentence=pl.when(pl.col("death_note").is_not_null()).then(
                text("The death dated {} was not used: {}.", day(death), "why")
            )
        )
        .drop("why")
    )


def activity(labs: pl.LazyFrame, exposures: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row a draw, or start of an exposure of the audited drug: what nobody does who has died."""
    draws = labs.filter(pl.col("concept").is_in(ENZYMES)).select(
        PATIENT, active_on="date", active_table=pl.lit("lab_results"), active_id="result_id", active_concept="concept"
    )
    starts = exposures.filter(pl.col("concept") == guideline.audited_drug).select(
        PATIENT,
        active_on="start_date",
        active_table=pl.lit("drug_exposures"),
        active_id="exposure_id",
        active_concept="concept",
    )
    return pl.concat([draws, starts])


def held_against(patients: pl.LazyFrame, activity: pl.LazyFrame, feed_end: int, slack: int) -> pl.LazyFrame:
    """Return one row a patient who is active more than the slack after a death: the first such activity.

    The first one: it stays the same whatever the feed brings later.
    """
    dead = patients.filter(pl.col("death_date").is_not_null()).select(PATIENT, "death_date")
    return (
        activity.join(dead, on=PATIENT)
        .filter(pl.col("active_on") <= feed_end, pl.col("active_on") > pl.col("death_date") + slack)
        .sort(*ACTIVITY)
        .unique(PATIENT, keep="first", maintain_order=True)
        .select(ACTIVITY)
    )
