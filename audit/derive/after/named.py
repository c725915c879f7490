"""What a stop trigger was, for its sentence: the results of its days, and the symptoms beside an enzyme."""

import polars as pl

from audit.derive.after.symptoms import concepts
from audit.derive.after.triggers import reached
from audit.guideline import Guideline

PATIENT, EPISODE = "patient_id", "episode_id"
RULE = [EPISODE, "rule_id"]
TOLD = ("is_certain", "concept", "comparator", "value", "unit", "x_reference", "reference", "is_own")


def named(
    folded: pl.LazyFrame,
    episodes: pl.LazyFrame,
    enzymes: pl.LazyFrame,
    bilirubins: pl.LazyFrame,
    events: pl.LazyFrame,
    guideline: Guideline,
) -> pl.LazyFrame:
    """Add to the worst trigger of an episode and rule its `enzyme_*`, its `bilirubin_*` and its `symptoms`.

    Of several results of a day the one furthest above what makes a trigger is told, a certain one first.
    """
    worst = folded.join(episodes.select(EPISODE, PATIENT), on=EPISODE)
    share = pl.max_horizontal(
        pl.col("x_reference") / guideline["stop_multiple"].number,
        pl.when(pl.col("form") == "stop_at_multiple").then(pl.col("value") / guideline["stop_absolute_u_l"].number),
    )
    enzyme = _told(worst, "worst_enzyme_date", enzymes, _of_form(""), _of_form("_possible"), share)
    beside = worst.filter(pl.col("form") == "stop_with_bilirubin")
    at, may_be_at = pl.col("at_stop_bilirubin"), pl.col("at_stop_bilirubin_possible")
    bilirubin = _told(beside, "worst_other_date", bilirubins, at, may_be_at, pl.col("x_reference"))
    return (
        folded.join(enzyme.select(*RULE, pl.col(TOLD).name.prefix("enzyme_")), on=RULE, how="left")
        .join(bilirubin.select(*RULE, pl.col(TOLD).name.prefix("bilirubin_")), on=RULE, how="left")
        .join(_symptoms(worst, events, guideline), on=RULE, how="left")
        .drop("form")
    )


def _of_form(suffix: str) -> pl.Expr:
    """Return whether an enzyme reaches what the form of its trigger asks."""
    return pl.any_horizontal((pl.col("form") == form) & holds for form, holds in reached(suffix).items())


def _told(
    worst: pl.LazyFrame, day: str, results: pl.LazyFrame, certain: pl.Expr, possible: pl.Expr, share: pl.Expr
) -> pl.LazyFrame:
    """Return one row an episode and rule: the result of a day that is told of a trigger."""
    rows = worst.select(*RULE, PATIENT, "form", date=day).join(results, on=[PATIENT, "date"]).filter(possible)
    order = ("is_certain", share, "concept", "result_id")
    return (
        rows.with_columns(is_certain=certain)
        .sort(*RULE, *order, descending=[False, False, True, True, False, False])
        .unique(RULE, keep="first", maintain_order=True)
    )


def _symptoms(worst: pl.LazyFrame, events: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row an episode and rule: the symptoms beside an enzyme, in the edition's words and order."""
    names = [name for name in guideline.symptoms if name in guideline["stop_symptoms"].names]
    words = pl.LazyFrame(
        {"concept": concepts(names), "word": [guideline.symptoms[name] for name in names]},
        schema={"concept": pl.String, "word": pl.String},
    ).with_row_index("place")
    days = worst.filter(pl.col("form") == "stop_with_symptom").select(*RULE, PATIENT, date="worst_other_date")
    coded = days.join(events, on=[PATIENT, "date"]).join(words, on="concept").sort("place")
    return coded.group_by(RULE).agg(symptoms=pl.col("word").unique(maintain_order=True).str.join(" and "))
