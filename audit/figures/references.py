"""What the word "baseline" decides, rule by rule: how many verdicts differ by reference, and in which direction."""

import polars as pl

from audit.vocabulary import GRAVITY, REFERENCE_MODES

WAYS = ("graver", "milder", "as_grave", "only_effective", "only_literal")


def by_rule(sensitivity: pl.DataFrame) -> pl.DataFrame:
    """Return one row a rule: its findings, how many `differ`, and in which of WAYS, from effective to literal.

    `as_grave`: another verdict of the same rank. `only_effective`, `only_literal`: by the other it is no restart to
    audit.
    """
    rows = sensitivity.with_columns(way=_way())
    return (
        rows.group_by("rule_id")
        .agg(
            findings=pl.len().cast(pl.Int64),
            differ=pl.col("way").is_not_null().sum().cast(pl.Int64),
            **{way: (pl.col("way") == way).sum().cast(pl.Int64) for way in WAYS},
        )
        .sort("rule_id")
    )


def moves(sensitivity: pl.DataFrame) -> pl.DataFrame:
    """Return one row a rule and pair of verdicts that differ, with how many: the most frequent of a rule first."""
    return (
        sensitivity.filter(_way().is_not_null())
        .group_by("rule_id", "verdict_effective", "verdict_literal")
        .agg(findings=pl.len().cast(pl.Int64))
        .sort("rule_id", -pl.col("findings"), "verdict_effective", "verdict_literal", nulls_last=True)
    )


def _way() -> pl.Expr:
    """Return how a finding's verdict by literal differs from the one by effective; null where it does not."""
    effective, literal = (pl.col(f"verdict_{mode}") for mode in REFERENCE_MODES)
    graver, milder = (one.replace_strict(GRAVITY, default=None, return_dtype=pl.Int8) for one in (literal, effective))
    return (
        pl.when(effective.eq_missing(literal)).then(None)
        .when(literal.is_null()).then(pl.lit("only_effective"))
        .when(effective.is_null()).then(pl.lit("only_literal"))
        .when(graver > milder).then(pl.lit("graver"))
        .when(graver < milder).then(pl.lit("milder"))
        .otherwise(pl.lit("as_grave"))
    )  # fmt: skip
