"""Canaries: ids, days and sentences of a release, looked for among the words of an export."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from audit.frames import RELEASED
from flows.export import folder
from flows.release import Release, manifests, open_release

IDS = ("patient_id", "episode_id", "source_id", "exposure_id", "event_id", "stay_id", "site_id", "laboratory_id")
SENTENCES = ("message", "urgency_reason", "cause_text", "note", "text", "row")
# A shorter word may be a level or a number as well as an id.
SHORTEST = 4
PARTS = (re.compile(r"[A-Za-z0-9]+"), re.compile(r"\w(?:[\w.-]*\w)?"))


def strings(said: Any) -> Iterator[str]:
    """Yield the texts of what JSON says, names too."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping):
        for name, value in said.items():
            yield name
            yield from strings(value)
    elif isinstance(said, list):
        for value in said:
            yield from strings(value)


def cells_of(tables: Iterable[pl.DataFrame]) -> Iterator[str]:
    """Yield the names and the different texts of the columns."""
    for table in tables:
        yield from table.columns
        for column in table.select(pl.col(pl.String)):
            yield from column.drop_nulls().unique()


def words_of(texts: Iterable[str]) -> set[str]:
    """Return the texts, and the parts of each that may be an id."""
    every = {*texts}
    return every | {word for text in every for part in PARTS for word in part.findall(text)}


def found_of(release: Release, cells: Iterable[str], written: set[str]) -> Iterator[str]:
    """Yield each column of the release whose ids, days or sentences stand in the export."""
    words = sorted(word for word in words_of(cells) - written if len(word) >= SHORTEST)
    held = pl.Series(words, dtype=pl.String)
    for frame in RELEASED:
        for column in frame.columns:
            if column.name in (*IDS, *SENTENCES):
                text = pl.col(column.name)
            elif column.dtype == pl.Date():
                text = pl.col(column.name).cast(pl.String)
            else:
                continue
            count = release.scan(frame.name).select(text.is_in(held.implode()).sum()).collect(engine="streaming").item()
            if count:
                yield f"{frame.name}.{column.name}: what stands there stands in the export"


def release_of(home: Path, name: object, named: Callable[[str], str] = folder.named) -> Release | None:
    """Return the release that an export names; None where the home keeps it no more."""
    found = (run_id for run_id, _ in manifests(home) if named(run_id) == name)
    run_id = next(found, None)
    return open_release(home, run_id, told=True) if run_id else None
