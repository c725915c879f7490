"""Attacks on rows for research: who is alone, who is in two deliveries, what stands in the files that must not."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from flows.errors import Usage
from flows.export import folder
from flows.export.attack import Attack, Target
from flows.export.research.canaries import canaries
from flows.export.research.codebook import ROWS, SERIES
from flows.export.research.linkage import Linkage, diversity, linkage
from flows.export.traces import traces

PSEUDONYMS = ("patient", "episode")
PAIR = {"break_days", "peak_x_uln"}
NAMES = ("codebook.csv", "episodes.csv", "episodes.parquet", "series.csv", "series.parquet")


def attacks(target: Target) -> list[Attack]:
    """Run the attacks on a research export; Usage where it is not whole."""
    try:
        rows = table(target.files, ROWS)
        promise = target.said["k_anonymity"]
        # Who is alone is found, whatever was promised.
        k, names = max(2, int(promise["k"])), [one["field"] for one in promise["quasi_identifiers"]]
        found = [_by_quasi_identifiers(target, rows, names, k), *_by_pair(target, rows, k)]
        found += [_by_deliveries(target, rows, names, k), canaries(target)]
    except (LookupError, TypeError, ValueError, pl.exceptions.PolarsError):
        raise Usage("no research export: its rows or what its manifest says of them cannot be read") from None
    return [*found, traces(target, NAMES)]


def table(files: Mapping[str, bytes], name: str) -> pl.DataFrame:
    """Return a table of an export, as its Parquet file has it."""
    return folder.table_of(f"{name}.parquet", files[f"{name}.parquet"])


def _by_quasi_identifiers(target: Target, rows: pl.DataFrame, names: Sequence[str], k: int) -> Attack:
    found = linkage(rows, names)
    return Attack(
        "rare combinations",
        f"who knows of a person all {len(names)} quasi-identifiers, of every restart: is the person found?",
        _said(found, k),
        found.least < k,
        [*_not_promised(target, rows, names)],
    )


def _by_pair(target: Target, rows: pl.DataFrame, k: int) -> Iterator[Attack]:
    """Yield the attack that finds nearly everybody in a release itself, where the export has both of its fields."""
    fields = {field["source"]: field["name"] for field in target.said["agreed"]["field"]}
    if fields.keys() >= PAIR:
        found = linkage(rows, sorted(fields[source] for source in PAIR))
        asks = "who knows how long the drug was paused and how high the enzymes rose: is the person found?"
        yield Attack("break length and peak", asks, _said(found, k), found.least < k)


def _said(found: Linkage, k: int) -> str:
    return (
        f"{found.alone} of {found.persons} persons are alone; the smallest group that looks alike holds "
        f"{found.least} (promised: {k})."
    )


def _not_promised(target: Target, rows: pl.DataFrame, names: Sequence[str]) -> Iterator[str]:
    """Yield what the export does not promise, in figures: who holds the rows must not know more than its fields."""
    every = linkage(rows, [name for name in rows.columns if name not in PSEUDONYMS])
    yield (
        f"Not promised: by every column of their rows, verdicts and courses too, {every.alone} of {every.persons} "
        "persons are alone. Who knows a whole course finds it; the agreement forbids to look."
    )
    outcome = target.said["l_diversity"]["outcome"]
    same = diversity(rows, names, outcome).rows_of_one
    yield f"Not promised: {same} of {rows.height} rows look like rows of one {outcome} only: it is known with them."
    if f"{SERIES}.parquet" in target.files:
        share = target.said["not_promised"]["share_alone_by_series"]
        yield f"Not promised: by their laboratory series a share of {share} of the persons is alone."


def _by_deliveries(target: Target, rows: pl.DataFrame, names: Sequence[str], k: int) -> Attack:
    """Join each other export to the same recipient that lies beside this one, by pseudonym."""
    asks = "who holds another delivery to the same recipient beside this one: do both together say more?"
    others = [*_beside(target)]
    least, alone = k, 0
    for other in others:
        found = linkage(*joined(rows, other, names))
        least, alone = min(least, found.least), alone + found.alone
    outcome = "No other delivery to this recipient lies beside it."
    if others:
        outcome = (
            f"{len(others)} lie beside it; joined by pseudonym, {alone} persons are alone, and the smallest group that "
            f"looks alike holds {least if least < k else f'{k} or more'}."
        )
    advice = "Give a further delivery under another recipient's name: its pseudonyms then join with none before."
    return Attack("two deliveries", asks, outcome, least < k, [advice] if least < k else [])


def _beside(target: Target) -> Iterator[pl.DataFrame]:
    """Yield the rows of the other research exports to the same recipient in the folder that holds this one."""
    for manifest in sorted(target.path.absolute().parent.glob(f"*/{folder.MANIFEST}")):
        said = _manifest(manifest)
        same = (said.get("kind"), said.get("recipient")) == (target.said["kind"], target.said["recipient"])
        if same and manifest.parent.resolve() != target.path.resolve():
            yield table(folder.read(manifest.parent)[1], ROWS)


def _manifest(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def joined(rows: pl.DataFrame, other: pl.DataFrame, names: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    """Return the rows with what another delivery says of the same restarts, and the columns that tell persons apart.

    A person of this delivery who is not in the other one is told apart by that too.
    """
    known = [name for name in names if name in other.columns]
    there = other.select("episode", pl.lit(True).alias("is_there"), pl.col(known).name.suffix(" there"))
    both = rows.join(there, on="episode", how="left")
    return both, [*names, "is_there", *(f"{name} there" for name in known)]
