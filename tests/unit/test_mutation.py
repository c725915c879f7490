"""The mutants that tests/mutation makes of a text: each written whole, so that none is lost or malformed."""

import pytest

from tests.mutation import mutants
from tests.mutation.areas import AREAS
from tests.mutation.edits import named
from tests.mutation.python_edits import Python
from tests.mutation.sql_edits import Sql


def made(source: str, kind: str) -> list[str]:
    """Return what becomes of a text by the edits of a kind."""
    edits = Sql(source).edits() if source.startswith("SELECT") else Python(source).edits()
    return [edit.of(source) for _, edit in named(source, edits) if edit.kind == kind]


@pytest.mark.parametrize(
    ("source", "kind", "expected"),
    [
        ("a >= b", "comparison", ["a <= b", "a > b"]),
        ("x == 1", "comparison", ["x != 1"]),
        ("day + 1", "constant", ["day + 0", "day + 2"]),
        ("f(2.5)", "constant", ["f(2.4)", "f(2.6)"]),
        ("a & b", "operator", ["a | b"]),
        ("(a > 1) & b & c", "condition", ["((a > 1) & b)", "(c)", "(a > 1) & c", "(b) & c"]),
        ("~a", "negation", ["(a)"]),
        ("x.filter(a, b)", "condition", ["x.filter(b)", "x.filter(a)"]),
        ("x.filter(a)", "call left out", ["x"]),
        ("x.filter('a')", "negation", ["x.filter(~pl.col('a'))"]),
        ("x.join(y, on='k')", "join", ['x.join(y, on=\'k\', how="left")']),
        ("x.join(y, on='k', how='left')", "join", ["x.join(y, on='k', how=\"inner\")"]),
        ("x.min()", "fold", ["x.max()"]),
        ("x.sort('a')", "order", ["x.sort('a', descending=True)"]),
        ("x.sort('a')", "call left out", ["x"]),
        ("x.sort('a', 'b')", "condition", ["x.sort('b')", "x.sort('a')"]),
        ("x.sort('a', descending=[True, False])", "order", [
            "x.sort('a', descending=[False, False])", "x.sort('a', descending=[True, True])",
        ]),
        ("x.shift()", "shift", ["x.shift(-1)"]),
        ("x.is_between(a, b)", "interval", ['x.is_between(a, b, closed="right")', 'x.is_between(a, b, closed="left")']),
        ("x.is_in(['a', 'b'])", "element", ["x.is_in(['b'])", "x.is_in(['a'])"]),
        ("[x.is_in('a'), y == 'p', y == 'q']", "word", [
            "[x.is_in('a'), y == \"q\", y == 'q']", "[x.is_in('a'), y == 'p', y == \"p\"]",
        ]),
        ("def f():\n    x.select('a', pl.col('b'))", "column", [
            "def f():\n    x.select(\"b\", pl.col('b'))", "def f():\n    x.select('a', pl.col(\"a\"))",
        ]),
        ("def f():\n    yield 1", "rows", ["def f():\n    pass"]),
        ("a if b else c", "choice", ["c if b else a"]),
        ("pl.when(a).then(b).when(c).then(d).otherwise(e)", "arm", [
            "pl.when(c).then(d).otherwise(e)", "pl.when(a).then(b).otherwise(e)",
            "pl.when(a).then(b).when(c).then(e).otherwise(d)",
        ]),
        ("pl.when(a).then(b).otherwise(c)", "arm", ["pl.when(a).then(c).otherwise(b)"]),
        ("Proof('r', 's', a, b)", "argument", [
            "Proof('r', 's', pl.lit(value=True), b)", "Proof('r', 's', a, pl.lit(None, dtype=pl.Float64))",
        ]),
        ("Proof('r', 's', limit=a)", "argument", ["Proof('r', 's', )"]),
        ("Outcome(event_date=a, proofs=(b, c))", "argument", ["Outcome( proofs=(b, c))", "Outcome(event_date=a, )"]),
        ("Outcome(event_date=a, proofs=(*b, c))", "proof", [
            "Outcome(event_date=a, proofs=(c,))", "Outcome(event_date=a, proofs=(*b,))",
        ]),
        ("def f(a: b | None) -> b | None:\n    return a | b", "operator", [
            "def f(a: b | None) -> b | None:\n    return a & b",
        ]),
        ("guideline['a'] + guideline['b']", "parameter", [
            "guideline[\"b\"] + guideline['b']", "guideline['a'] + guideline[\"a\"]",
        ]),
    ],
)  # fmt: skip
def test_a_module_has_these_mutants_and_no_other_of_the_kind(source: str, kind: str, expected: list[str]) -> None:
    assert sorted(made(source, kind)) == sorted(expected)


@pytest.mark.parametrize(
    ("source", "kind", "expected"),
    [
        ("SELECT a >= b", "comparison", ["SELECT a <= b", "SELECT a > b"]),
        ("SELECT a FROM t WHERE b AND c > 1 OR d", "condition", [
            "SELECT a FROM t WHERE TRUE AND c > 1 OR d", "SELECT a FROM t WHERE b AND TRUE OR d",
            "SELECT a FROM t WHERE b AND FALSE OR d", "SELECT a FROM t WHERE b AND c > 1 OR FALSE",
        ]),
        ("SELECT a FROM t WHERE b", "condition", ["SELECT a FROM t WHERE TRUE"]),
        ("SELECT count(*) FILTER (WHERE a) FROM t", "condition", ["SELECT count(*) FILTER (WHERE TRUE) FROM t"]),
        ("SELECT a BETWEEN b AND c AND d", "interval", [
            "SELECT (a BETWEEN b AND c AND a <> b) AND d", "SELECT (a BETWEEN b AND c AND a <> c) AND d",
        ]),
        ("SELECT a BETWEEN b AND c AND d", "operator", ["SELECT a BETWEEN b AND c OR d"]),
        ("SELECT * FROM a LEFT JOIN b USING (c, d)", "join", ["SELECT * FROM a INNER JOIN b USING (c, d)"]),
        ("SELECT * FROM a LEFT JOIN b USING (c, d)", "element", [
            "SELECT * FROM a LEFT JOIN b USING (d)", "SELECT * FROM a LEFT JOIN b USING (c)",
        ]),
        ("SELECT * FROM a SEMI JOIN b USING (c)", "join", ["SELECT * FROM a ANTI JOIN b USING (c)"]),
        ("SELECT max(a), left(b, 1)", "fold", ["SELECT min(a), left(b, 1)", "SELECT max(a), right(b, 1)"]),
        ("SELECT coalesce(a, f(b, c))", "argument", ["SELECT coalesce(f(b, c))", "SELECT coalesce(a)"]),
        ("SELECT coalesce(a, f(b, c))", "order of arguments", ["SELECT coalesce(f(b, c), a)"]),
        ("SELECT CASE WHEN a THEN b WHEN c THEN d ELSE e END", "arm", [
            "SELECT CASE WHEN c THEN d ELSE e END", "SELECT CASE WHEN a THEN b ELSE e END",
            "SELECT CASE WHEN a THEN b WHEN c THEN d END", "SELECT CASE WHEN a THEN d WHEN c THEN b ELSE e END",
            "SELECT CASE WHEN a THEN b WHEN c THEN e ELSE d END",
        ]),
        ("SELECT a[1] + 0", "constant", [
            "SELECT a[0] + 0", "SELECT a[2] + 0", "SELECT a[1] + (-1)", "SELECT a[1] + 1",
        ]),
        ("SELECT a FROM t ORDER BY a DESC, b", "order", [
            "SELECT a FROM t ORDER BY a , b", "SELECT a FROM t ORDER BY b", "SELECT a FROM t ORDER BY a DESC",
            "SELECT a FROM t ORDER BY a DESC, b DESC",
        ]),
        ("SELECT f(a) OVER (PARTITION BY b, c ORDER BY d)", "partition", [
            "SELECT f(a) OVER (PARTITION BY c ORDER BY d)", "SELECT f(a) OVER (PARTITION BY b ORDER BY d)",
        ]),
        ("SELECT DISTINCT a", "distinct", ["SELECT a"]),
        ("SELECT a IS NULL, b IS NOT NULL", "nulls", [
            "SELECT a IS NOT NULL, b IS NOT NULL", "SELECT a IS NULL, b IS NULL",
        ]),
        ("SELECT a IS NOT DISTINCT FROM b", "nulls", ["SELECT a = b"]),
        ("SELECT NOT a", "negation", ["SELECT a"]),
        ("SELECT a UNION ALL SELECT b", "rows", ["SELECT a "]),
        ("SELECT t.a, t.b", "column", ["SELECT t.b, t.b", "SELECT t.a, t.a"]),
        ("SELECT a = 'x' OR a = 'y'", "word", ["SELECT a = 'y' OR a = 'y'", "SELECT a = 'x' OR a = 'x'"]),
        ("SELECT a IN ('x', 'y')", "element", ["SELECT a IN ('y')", "SELECT a IN ('x')"]),
        ("SELECT lower(as_text(a)), nullif(b, 1)", "call left out", [
            "SELECT as_text(a), nullif(b, 1)", "SELECT lower(a), nullif(b, 1)", "SELECT lower(as_text(a)), b",
        ]),
        ("SELECT -a * count(*)", "operator", ["SELECT -a / count(*)"]),
    ],
)  # fmt: skip
def test_a_query_has_these_mutants_and_no_other_of_the_kind(source: str, kind: str, expected: list[str]) -> None:
    assert sorted(made(source, kind)) == sorted(expected)


def test_two_mutants_of_a_line_have_names_of_their_own() -> None:
    source = "SELECT a > 1 AND a > 1"
    names = [name for name, edit in named(source, Sql(source).edits()) if edit.new == ">="]
    assert names == ["SELECT a > 1 AND a > 1 [> -> >=]", "SELECT a > 1 AND a > 1 [> -> >=] #2"]


def test_a_share_is_the_same_at_every_run_and_part_of_a_larger_one() -> None:
    every = list(mutants.of(next(area for area in AREAS if area.name == "judge")))
    small, large = (mutants.sampled(every, share, "seed") for share in (0.1, 0.5))
    assert set(small) < set(large) < set(every) == set(mutants.sampled(every, 1.0, "other"))
    assert small != mutants.sampled(every, 0.1, "other")
