"""Rule x episodes -> findings: the only place that knows the precedence of verdicts and what a null means."""

import polars as pl

from audit.calendar import as_dates, if_ever
from audit.frames import FINDINGS
from audit.rule import Outcome, Rule
from audit.vocabulary import VERDICTS

UNDECIDABLE = "undecidable"
UNDECIDABLE_MEANING = "a value that the rule needs is missing"


def evaluate(rule: Rule, episodes: pl.LazyFrame, folds: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Return one finding an episode. Keys: episode_id, rule_id."""
    frame = episodes
    if rule.fold is not None:
        mine = folds[rule.fold].filter(pl.col("rule_id") == rule.id).drop("rule_id")
        frame = episodes.join(mine, on="episode_id", how="left")
    ordered = sorted(rule.outcomes, key=lambda outcome: VERDICTS.index(outcome.verdict))
    chosen = _chosen(ordered)
    return (
        frame.with_columns(rule_id=pl.lit(rule.id), chosen=chosen)
        .with_columns(
            verdict=_of(ordered, "verdict", "indeterminate"),
            reason=_of(ordered, "reason", UNDECIDABLE),
            message=_of(ordered, "message", f"Cannot be judged: {UNDECIDABLE_MEANING}."),
            event_date=_of(ordered, "event_date", None),
            next_change_on=_of(ordered, "next_change_on", None),
        )
        .with_columns(
            # Whatever is said of a patient, a death that was told and not used is said with it.
            message=pl.concat_str("message", "death_sentence", separator=" ", ignore_nulls=True),
            # Nothing after the end of observation exists, so no verdict changes after it.
            next_change_on=pl.when(
                (pl.col("next_change_on") - rule.lag_days <= pl.col("closes_on")).fill_null(value=True),
                pl.col("next_change_on") > pl.col("observed_to"),
            ).then("next_change_on"),
        )
        .with_columns(event_date=as_dates(pl.col("event_date")), next_change_on=if_ever(pl.col("next_change_on")))
        .select(FINDINGS.names)
    )


def _chosen(ordered: list[Outcome]) -> pl.Expr:
    """Return the number of the first outcome that holds; -1 where one before it cannot be told."""
    picked = pl.lit(-1, dtype=pl.Int8)
    for index in reversed(range(len(ordered))):
        when = ordered[index].when
        picked = (
            pl.when(when.is_null()).then(pl.lit(-1, dtype=pl.Int8))
            .when(when).then(pl.lit(index, dtype=pl.Int8))
            .otherwise(picked)
        )  # fmt: skip
    return picked


def _of(ordered: list[Outcome], name: str, default: str | None) -> pl.Expr:
    """Return a field of the chosen outcome."""
    value = pl.lit(default) if name in ("verdict", "reason", "message") else pl.lit(None, dtype=pl.Int32)
    for index, outcome in enumerate(ordered):
        field = getattr(outcome, name)
        expression = field if isinstance(field, pl.Expr) else pl.lit(field)
        value = pl.when(pl.col("chosen") == index).then(expression).otherwise(value)
    return value
