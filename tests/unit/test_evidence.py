"""What is shown of a source's rows: by the findings that they are shown for, once, with the lowest of their limits."""

import polars as pl

from audit.edition import Entry
from audit.evidence import evidence
from audit.rule import Outcome, Proof, Rule, text

ENTRY = {"form": "f", "class": "hard", "title": "t", "statement": "s", "source": "a"}
ALWAYS = pl.lit(value=True)
FINDINGS = pl.DataFrame(
    [
        ("e1", "RST-01", "pass", "good"), ("e1", "RST-02", "violation", "bad"),
        ("e2", "RST-01", "not_applicable", "no"), ("e2", "RST-02", "indeterminate", "no"),
    ],
    ["episode_id", "rule_id", "verdict", "reason"], orient="row",
)  # fmt: skip
ROWS = pl.LazyFrame({
    "episode_id": ["e1", "e1", "e2", "e9"],
    "source_table": "lab_results",
    "source_id": ["r1", "r2", "r3", "r4"],
    "date": [10, 20, 30, 40],
    "concept": "alt",
    "value": [100.0, 200.0, 300.0, 400.0],
    "comparator": pl.Series([None, ">", None, None], dtype=pl.String),
    "unit": "U/L",
    "x_uln": [2.5, 5.0, 7.5, 10.0],
    "x_reference": [2.0, 4.0, 6.0, 8.0],
})  # fmt: skip
EPISODES = pl.LazyFrame({"episode_id": ["e1", "e2"], "first": [15, 25]})


def rule(rule_id: str, reason: str, *proofs: Proof, of_outcome: tuple[Proof, ...] = ()) -> Rule:
    """Return a rule with one outcome."""
    outcome = Outcome("pass", reason, "m", ALWAYS, text("Said."), proofs=of_outcome)
    return Rule(Entry(id=rule_id, **ENTRY), "d", (), (outcome,), proofs=proofs)


def shown(*rules: Rule, every: tuple[Proof, ...] = ()) -> list[tuple[object, ...]]:
    """Return episode, rule, role, row and limit of the evidence of the findings above."""
    rows = evidence({"results": ROWS}, EPISODES, FINDINGS, rules, every)
    return rows.select("episode_id", "rule_id", "role", "source_id", "limit_value").rows()


def test_a_row_that_two_proofs_of_a_role_show_stands_once_with_the_lower_of_its_limits() -> None:
    proofs = (
        Proof("peak", "results"),
        Proof("peak", "results", pl.col("value") < 150, pl.lit(90.0)),
        Proof("peak", "results", limit=pl.lit(80.0)),
        Proof("other", "results", limit=pl.lit(95.0)),
    )
    for turned in (proofs, proofs[::-1]):
        assert shown(rule("RST-01", "good", *turned)) == [
            ("e1", "RST-01", "other", "r1", 95),
            ("e1", "RST-01", "other", "r2", 95),
            ("e1", "RST-01", "peak", "r1", 80),
            ("e1", "RST-01", "peak", "r2", 80),
        ]


def test_a_rule_shows_its_rows_where_it_applies_an_outcome_for_its_reason_and_some_are_shown_for_all() -> None:
    rules = (
        rule("RST-01", "no", Proof("own", "results"), of_outcome=(Proof("for no", "results"),)),
        rule("RST-02", "bad", of_outcome=(Proof("for bad", "results", pl.col("date") > pl.col("first")),)),
    )
    every = Proof("all", "results", pl.col("value") < 350, pl.col("first") * 2.0)
    assert shown(*rules, every=(every,)) == [
        ("e1", "RST-01", "all", "r1", 30),
        ("e1", "RST-01", "all", "r2", 30),
        ("e1", "RST-01", "own", "r1", None),
        ("e1", "RST-01", "own", "r2", None),
        ("e1", "RST-02", "all", "r1", 30),
        ("e1", "RST-02", "all", "r2", 30),
        ("e1", "RST-02", "for bad", "r2", None),
        ("e2", "RST-01", "all", "r3", 50),
        ("e2", "RST-01", "for no", "r3", None),
        ("e2", "RST-02", "all", "r3", 50),
    ]


def test_a_row_is_shown_as_its_source_has_it() -> None:
    row = evidence({"results": ROWS}, EPISODES, FINDINGS, [rule("RST-01", "good", Proof("peak", "results"))], ()).row(
        1, named=True
    )
    assert row == {
        "episode_id": "e1", "rule_id": "RST-01", "role": "peak", "source_table": "lab_results", "source_id": "r2",
        "date": 20, "concept": "alt", "value": 200, "comparator": ">", "unit": "U/L", "x_uln": 5, "x_reference": 4,
        "limit_value": None,
    }  # fmt: skip
