"""Literal against effective, rule by rule: how many verdicts differ, and in which direction."""

import polars as pl

from audit.figures.references import WAYS, by_rule, moves
from audit.vocabulary import GRAVITY, VERDICTS


def table(*rows: tuple[str, str | None, str | None]) -> pl.DataFrame:
    """Return a sensitivity of rule, verdict by effective, verdict by literal."""
    schema = dict.fromkeys(("rule_id", "verdict_effective", "verdict_literal"), pl.String)
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.select(pl.format("e{}", pl.int_range(pl.len())).alias("episode_id"), pl.all())


EVERY = table(
    ("A", "pass", "pass"), ("A", "pass", "violation"), ("A", "not_applicable", "indeterminate"),
    ("A", "indeterminate", "advisory"), ("A", "advisory", "violation"), ("A", "violation", "advisory"),
    ("A", "indeterminate", "not_applicable"), ("A", "pass", "not_applicable"), ("A", "not_applicable", "pass"),
    ("A", "violation", None), ("A", None, "pass"), ("B", "violation", "violation"),
)  # fmt: skip


def test_each_difference_is_counted_in_its_direction_from_effective_to_literal() -> None:
    assert by_rule(EVERY).select("rule_id", "findings", "differ", *WAYS).rows() == [
        ("A", 11, 10, 4, 2, 2, 1, 1),
        ("B", 1, 0, 0, 0, 0, 0, 0),
    ]


def test_the_pairs_of_verdicts_come_by_number() -> None:
    rows = table(
        ("A", "pass", "advisory"), *[("A", "violation", "pass")] * 2, ("A", "pass", None), ("B", "pass", "pass")
    )
    assert moves(rows).rows() == [
        ("A", "violation", "pass", 2), ("A", "pass", "advisory", 1), ("A", "pass", None, 1),
    ]  # fmt: skip


def test_every_verdict_has_its_gravity() -> None:
    assert GRAVITY.keys() == set(VERDICTS)
    assert sorted(VERDICTS, key=lambda verdict: (GRAVITY[verdict], verdict)) == [
        "not_applicable", "pass", "indeterminate", "advisory", "violation",
    ]  # fmt: skip


def test_without_a_finding_there_is_no_rule() -> None:
    assert by_rule(table()).height == moves(table()).height == 0
