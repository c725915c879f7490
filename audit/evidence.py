"""Evidence: for every verdict the extract's own rows that it rests on, as the rules' proofs choose them.

Grain: episode_id, rule_id, role, source_table, source_id, date. Values in canonical units.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from audit.derive.facts import computed, held
from audit.frames import EVIDENCE
from audit.rule import Proof, Rule

EPISODE, RULE = "episode_id", "rule_id"


@dataclass(frozen=True, eq=False, slots=True)
class _Asked:
    """A proof and the findings (an expression over them) that it is shown for."""

    proof: Proof
    of: pl.Expr


def evidence(
    sources: Mapping[str, pl.LazyFrame],
    episodes: pl.LazyFrame,
    findings: pl.DataFrame,
    rules: Iterable[Rule],
    every: Iterable[Proof],
) -> pl.DataFrame:
    """Return the rows of the sources that the findings of the rules rest on; `every` are the proofs of all of them."""
    asked = _asked(rules, every)
    # One source after the other, one join after the other: together they would hold every hash table at once.
    parts = [EVIDENCE.empty().with_columns(pl.col("date").to_physical())]
    for name, proofs in asked.items():
        rows = held(sources[name])
        parts += [computed(_shown(rows, one, episodes, findings.lazy())) for one in proofs]
    keys = EVIDENCE.keys
    ordered = pl.concat(parts).lazy().sort(*keys, "limit_value", "concept", nulls_last=True)
    return computed(ordered.unique(keys, keep="first", maintain_order=True))


def _asked(rules: Iterable[Rule], every: Iterable[Proof]) -> dict[str, list[_Asked]]:
    """Return the proofs by source."""
    asked: dict[str, list[_Asked]] = defaultdict(list)
    applies = pl.col("verdict") != "not_applicable"
    for proof in every:
        asked[proof.source].append(_Asked(proof, applies))
    for rule in rules:
        mine = pl.col(RULE) == rule.id
        for proof in rule.proofs:
            asked[proof.source].append(_Asked(proof, mine & applies))
        for outcome in rule.outcomes:
            for proof in outcome.proofs:
                asked[proof.source].append(_Asked(proof, mine & (pl.col("reason") == outcome.reason)))
    return asked


def _shown(rows: pl.LazyFrame, asked: _Asked, episodes: pl.LazyFrame, findings: pl.LazyFrame) -> pl.LazyFrame:
    """Return a source's rows that a proof chooses, for each finding that it is shown for."""
    proof, own = asked.proof, rows.collect_schema().names()
    judged = findings.filter(asked.of).select(EPISODE, RULE)
    keys = [EPISODE, RULE] if RULE in own else [EPISODE]
    beside = {name for one in (proof.rows, proof.limit) for name in one.meta.root_names()}.difference(own)
    columns = [pl.col(name) for name in EVIDENCE.names if name != RULE]
    return (
        rows.join(judged, on=keys, how="semi")
        .join(episodes.select(EPISODE, *sorted(beside)), on=EPISODE)
        .filter(proof.rows)
        .with_columns(role=pl.lit(proof.role), limit_value=proof.limit)
        .select(*columns, *keys[1:])
        .join(judged, on=keys)
        .select(EVIDENCE.names)
    )
