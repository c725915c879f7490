"""The cells of an export of counts: a rule and verdict at a level of each table, and the sums that hold among them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import polars as pl

from audit.rule import Rule
from audit.vocabulary import VERDICTS
from flows.errors import Broken, Usage
from flows.export.aggregate.profile import OTHER, Equal, Model

UNKNOWN, SEVERAL = "unknown", "several"
EVERYBODY: "Node" = ()
EPISODES = "episodes"
UNDECIDED = ("not_applicable", "indeterminate")
DECIDED = tuple(verdict for verdict in VERDICTS if verdict not in UNDECIDED)
Node = tuple[tuple[str, str], ...]  # (stratum, level), in the order of the strata's names
Sum = tuple["Cell", tuple["Cell", ...]]  # a count, and those that it is the sum of


class Cell(NamedTuple):
    """A count: of which restarts, by which rule (none for how many they are), and what."""

    node: Node
    rule: str
    measure: str


@dataclass(frozen=True, slots=True)
class Cells:
    """Counts, and what everybody may know of them: sums that hold, and counts that are 0 by definition."""

    counts: Mapping[Cell, int]
    sums: Sequence[Sum]
    zeros: frozenset[Cell]


def cells(profile: Model, rules: Mapping[str, Rule], counted: Iterable["Counted"]) -> Cells:
    """Return all cells of the counted tables, with what everybody may know of them."""
    counts: dict[Cell, int] = {}
    for table in counted:
        for node in table.nodes:
            counts[Cell(node, "", EPISODES)] = table.episodes.get(node, 0)
            for name, rule in rules.items():
                given = {Cell(node, name, one): table.verdicts.get((node, name, one), 0) for one in verdicts_of(rule)}
                counts.update(given)
    sums, _ = known_sums(counts, [])
    if not all(_is_so(counts, one) for one in sums):
        raise Broken("the findings of this release do not add up to its restarts")
    sums, zeros = known_sums(counts, profile.equal)
    if not all(_is_so(counts, one) for one in sums) or any(counts[cell] for cell in zeros):
        raise Usage("equal: what the profile says is equal by definition is not so in this release")
    return Cells(counts, sums, zeros)


def _is_so(counts: Mapping[Cell, int], one: Sum) -> bool:
    whole, parts = one
    return counts[whole] == sum(counts[part] for part in parts)


def known_sums(counts: Collection[Cell], equal: Sequence[Equal]) -> tuple[list[Sum], frozenset[Cell]]:
    """Return the sums that hold among counts whatever they are, and which of them are 0 by definition."""
    by_definition, zeros = _by_definition(counts, equal)
    return [*_over_verdicts(counts), *_over_levels(counts), *by_definition], frozenset(zeros)


@dataclass(frozen=True, slots=True)
class Counted:
    """A table: its strata, their levels, and how many episodes each node has, by rule and verdict too."""

    strata: tuple[str, ...]
    levels: Mapping[str, Sequence[str]]
    episodes: Mapping[Node, int]
    verdicts: Mapping[tuple[Node, str, str], int]

    @property
    def nodes(self) -> list[Node]:
        """Return every combination of its levels."""
        return [
            tuple(zip(self.strata, levels, strict=True))
            for levels in product(*(self.levels[name] for name in self.strata))
        ]


def count(profile: Model, episodes: pl.DataFrame, findings: pl.DataFrame, sites: Mapping[str, str]) -> list[Counted]:
    """Count the tables of a profile: episodes, and findings by rule and verdict (columns as they are released)."""
    labelled = labels(profile, episodes, sites)
    levels = {name: sorted(labelled[name].unique()) for name in profile.strata}
    for name, stratum in profile.strata.items():
        levels[name] = [*stratum.levels, *(level for level in levels[name] if level not in stratum.levels)]
    judged = findings.lazy().select("episode_id", "rule_id", "verdict").join(labelled.lazy(), on="episode_id")
    return [_counted(strata, levels, labelled, judged) for strata in profile.nodes]


def labels(profile: Model, episodes: pl.DataFrame, sites: Mapping[str, str]) -> pl.DataFrame:
    """Return one row an episode: episode_id and its level of each stratum; sites by their numbers."""
    indications = pl.col("indications")
    values = {
        "site": pl.col("site_id").replace_strict(sites, default=None, return_dtype=pl.String),
        "grade": pl.col("grade"),
        "indication": pl.when(indications.str.contains("|", literal=True)).then(pl.lit(SEVERAL)).otherwise(indications),
        "restart_quarter": pl.format("{}-Q{}", pl.col("restart_date").dt.year(), pl.col("restart_date").dt.quarter()),
        "restart_year": pl.col("restart_date").dt.year().cast(pl.String),
    }
    return episodes.select(
        "episode_id",
        *(_level(values[name], stratum.levels).alias(name) for name, stratum in sorted(profile.strata.items())),
    )


def verdicts_of(rule: Rule) -> list[str]:
    """Return the verdicts that a rule can give, in the order of their precedence."""
    given = {outcome.verdict for outcome in rule.outcomes}
    return [verdict for verdict in VERDICTS if verdict in given]


def _level(value: pl.Expr, levels: Mapping[str, Sequence[str]]) -> pl.Expr:
    """Return the level of a value: where levels are declared the one that takes it in, else itself."""
    value = value.fill_null(UNKNOWN)
    if not levels:
        return value
    of = {value: level for level, values in levels.items() for value in values}
    return value.replace_strict(of, default=OTHER, return_dtype=pl.String)


def _counted(
    strata: tuple[str, ...], levels: Mapping[str, Sequence[str]], labelled: pl.DataFrame, judged: pl.LazyFrame
) -> Counted:
    by = [pl.col(name) for name in strata]
    people = labelled.group_by(by or [pl.lit(0).alias("_")]).len().rows(named=True)
    found = judged.group_by(*by, "rule_id", "verdict").len().collect().rows(named=True)
    return Counted(
        strata,
        {name: levels[name] for name in strata},
        {_node(strata, row): row["len"] for row in people},
        {(_node(strata, row), row["rule_id"], row["verdict"]): row["len"] for row in found},
    )


def _node(strata: tuple[str, ...], row: Mapping[str, Any]) -> Node:
    return tuple((name, row[name]) for name in strata)


def _over_verdicts(counts: Collection[Cell]) -> Iterable[Sum]:
    """Yield the sums over verdicts: of each rule they are the episodes.

    What is applicable and what is evaluable are sums of these in turn, and not shown: rounded too, they tell more.
    """
    of: dict[tuple[Node, str], list[Cell]] = defaultdict(list)
    for cell in counts:
        if cell.rule:
            of[cell.node, cell.rule].append(cell)
    for (node, _), verdicts in of.items():
        yield Cell(node, "", EPISODES), tuple(verdicts)


def _over_levels(counts: Collection[Cell]) -> Iterable[Sum]:
    """Yield the sums over the levels of one stratum of a table: its margins."""
    of: dict[tuple[Cell, str], list[Cell]] = defaultdict(list)
    for cell in counts:
        for stratum, _ in cell.node:
            above = tuple(pair for pair in cell.node if pair[0] != stratum)
            of[cell._replace(node=above), stratum].append(cell)
    for (whole, _), parts in of.items():
        yield whole, tuple(parts)


def _by_definition(counts: Collection[Cell], equal: Sequence[Equal]) -> tuple[list[Sum], list[Cell]]:
    """Return what the profile says is equal by definition, and what is 0 by it; Usage where it names what is not."""
    sums: list[Sum] = []
    zeros: list[Cell] = []
    for said in equal:
        everybody = Cell(EVERYBODY, said.rule, said.verdict)
        if everybody not in counts:
            raise Usage(f"equal: no rule '{said.rule}' that gives the verdict '{said.verdict}'")
        of_levels = [Cell(((said.stratum, level),), "", EPISODES) for level in said.levels]
        if not set(of_levels) <= set(counts):
            continue  # the profile has no table of it
        if said.always:
            sums.append((everybody, tuple(of_levels)))
        for cell in counts:
            level = dict(cell.node).get(said.stratum)
            if cell.rule != said.rule or level is None:
                continue
            is_there, is_it = level in said.levels, cell.measure == said.verdict
            if is_it != is_there and (is_it or said.always):
                zeros.append(cell)
            elif is_it and said.always:
                sums.append((cell, (Cell(cell.node, "", EPISODES),)))
    return sums, zeros
