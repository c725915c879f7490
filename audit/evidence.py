"""Evidence: for every verdict the extract's own rows that it rests on, as the rules' proofs choose them.

Grain: episode_id, rule_id, role, source_table, source_id, date. Values in canonical units.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from audit.derive.facts import computed
from audit.frames import EVIDENCE
from audit.rule import Proof, Rule

EPISODE, RULE, PROOF = "episode_id", "rule_id", "proof"


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
    asked: dict[str, list[_Asked]] = defaultdict(list)
    for one in _asked(rules, every):
        asked[one.proof.source].append(one)
    # One source after the other: together they would hold every join's hash table at once.
    shown = [computed(_shown(sources[name], proofs, episodes, findings.lazy())) for name, proofs in asked.items()]
    keys = EVIDENCE.keys
    ordered = pl.concat(shown).lazy().sort(*keys, "limit_value", nulls_last=True)
    return computed(ordered.unique(keys, keep="first", maintain_order=True))


def _asked(rules: Iterable[Rule], every: Iterable[Proof]) -> Iterator[_Asked]:
    """Yield each proof with the findings that it is shown for."""
    for proof in every:
        yield _Asked(proof, pl.lit(value=True))
    for rule in rules:
        mine = pl.col(RULE) == rule.id
        for proof in rule.proofs:
            yield _Asked(proof, mine & (pl.col("verdict") != "not_applicable"))
        for outcome in rule.outcomes:
            for proof in outcome.proofs:
                yield _Asked(proof, mine & (pl.col("reason") == outcome.reason))


def _shown(rows: pl.LazyFrame, asked: Sequence[_Asked], episodes: pl.LazyFrame, findings: pl.LazyFrame) -> pl.LazyFrame:
    """Return a source's rows that its proofs choose, for each finding that they are shown for."""
    proofs, own = [one.proof for one in asked], rows.collect_schema().names()
    beside = {name for proof in proofs for one in (proof.rows, proof.limit) for name in one.meta.root_names()}
    keys = [EPISODE, PROOF, RULE] if RULE in own else [EPISODE, PROOF]
    limits = (pl.when(pl.col(PROOF) == number).then(proof.limit) for number, proof in enumerate(proofs))
    roles = {number: proof.role for number, proof in enumerate(proofs)}
    return (
        rows.join(episodes.select(EPISODE, *sorted(beside.difference(own))), on=EPISODE)
        .pipe(_numbered, [proof.rows for proof in proofs])
        .join(_numbered(findings.select(EPISODE, RULE, "verdict", "reason"), [one.of for one in asked]), on=keys)
        .with_columns(role=pl.col(PROOF).replace_strict(roles, return_dtype=pl.String), limit_value=pl.coalesce(limits))
        .select(EVIDENCE.names)
    )


def _numbered(frame: pl.LazyFrame, conditions: Iterable[pl.Expr]) -> pl.LazyFrame:
    """Return each row once for each of the conditions that hold for it, with the condition's number."""
    holds = [pl.when(one).then(pl.lit(number, dtype=pl.Int16)) for number, one in enumerate(conditions)]
    return (
        frame.with_columns(pl.concat_list(holds).list.drop_nulls().alias(PROOF))
        .explode(PROOF)
        .filter(pl.col(PROOF).is_not_null())
    )
