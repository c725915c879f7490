"""Canaries: no id, day or sentence of the release, and no place that it lies in, stands in any file of an export."""

import io
import re
import socket
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from audit.frames import RELEASED
from flows.export import folder
from flows.export.attack import Attack, Target
from flows.export.research.making import digest
from flows.release import Release, open_release

# What the person who made it wrote: words of the agreement, and the day of the guideline's edition.
WRITTEN = ("agreed", "title", "recipient", "purpose", "edition", "files")
IDS = ("patient_id", "episode_id", "source_id", "exposure_id", "event_id", "stay_id", "site_id", "laboratory_id")
SENTENCES = ("message", "urgency_reason", "cause_text", "note", "text", "row")
# A shorter word may be a level or a number as well as an id.
SHORTEST = 4
PARTS = (re.compile(r"[A-Za-z0-9]+"), re.compile(r"\w(?:[\w.-]*\w)?"))
PSEUDONYM = re.compile(r"[0-9a-f]{32}")
DAY = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:19|20)[0-9]{2}([-./]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12][0-9]|3[01])"
    r"|[0-9]{1,2}[./][0-9]{1,2}[./](?:19|20)[0-9]{2})(?![0-9A-Za-z])"
)


def canaries(target: Target) -> Attack:
    """Return whether a file holds what stands in the release; without a home, what looks like it."""
    tables = {
        name: pl.read_parquet(io.BytesIO(data)) for name, data in target.files.items() if name.endswith("parquet")
    }
    said = [*_strings({name: value for name, value in target.said.items() if name not in WRITTEN})]
    book = pl.read_csv(io.BytesIO(target.files["codebook.csv"]), infer_schema=False)
    cells = [*said, *_cells(tables.values()), *_cells([book])]
    found = [*_undeclared(target.files, tables, book), *_days(tables, said), *_places(target)]
    details = ["Without --home only what looks like a day, an id or a sentence is found."]
    if target.home:
        release, details = _release(target, target.home)
        found += _of_release(release, cells, _words(_strings(target.said["agreed"])))
    asks = "does a file hold an id, a day or a sentence of the release, or the place where it lies?"
    return Attack("canaries", asks, f"{len(found)} found." if found else "None found.", bool(found), [*found, *details])


def _strings(said: Any) -> Iterator[str]:
    """Yield the texts of what JSON says, names too."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping):
        for name, value in said.items():
            yield name
            yield from _strings(value)
    elif isinstance(said, list):
        for value in said:
            yield from _strings(value)


def _cells(tables: Iterable[pl.DataFrame]) -> Iterator[str]:
    """Yield the names and the different texts of the columns."""
    for table in tables:
        yield from table.columns
        for column in table.select(pl.col(pl.String)):
            yield from column.drop_nulls().unique()


def _words(texts: Iterable[str]) -> set[str]:
    """Return the texts, and the parts of each that may be an id."""
    every = {*texts}
    return every | {word for text in every for part in PARTS for word in part.findall(text)}


def _undeclared(files: Mapping[str, bytes], tables: Mapping[str, pl.DataFrame], book: pl.DataFrame) -> Iterator[str]:
    """Yield each column that holds other than pseudonyms, numbers and levels of the codebook."""
    declared = {(file, field): levels for file, field, levels in book.select("file", "field", "levels").iter_rows()}
    for name, table in tables.items():
        file = name.removesuffix(".parquet")
        if files.get(f"{file}.csv") != folder.as_csv(table):
            yield f"{file}: its two forms do not hold the same"
        for column in table:
            if (file, column.name) not in declared:
                yield f"{file}: a column that the codebook does not name"
            elif column.dtype == pl.String and not _declared(column, declared[file, column.name]):
                yield f"{file}.{column.name}: texts that the codebook does not declare"


def _declared(column: pl.Series, levels: str | None) -> bool:
    texts = column.drop_nulls().unique()
    if levels is None:
        return all(PSEUDONYM.fullmatch(text) for text in texts)
    return {*texts} <= {*levels.split(" | ")}


def _days(tables: Mapping[str, pl.DataFrame], said: Iterable[str]) -> Iterator[str]:
    for name, table in tables.items():
        if any(column.dtype.is_temporal() for column in table):
            yield f"{name}: a column of days or times"
    if any(DAY.search(text) for text in (*said, *_cells(tables.values()))):
        yield "a day, written out"


def _places(target: Target) -> Iterator[str]:
    """Yield what stands in the files of the machine and the folders that they were made in."""
    places = [socket.gethostname(), str(Path.home()), str(target.path.absolute().parent)]
    if target.home:
        places.append(str(target.home.absolute()))
    written = {*_strings({name: target.said.get(name) for name in WRITTEN if name != "files"})}
    for data in (*target.files.values(), folder.as_json(target.said)):
        if any(len(place) >= SHORTEST and place.encode() in data for place in places if place not in written):
            yield "the name of this machine, or of a folder of it"


def _release(target: Target, home: Path) -> tuple[Release, list[str]]:
    """Return the release that the export was made of, or else the current one, and which it was."""
    for path in sorted((home / "releases").glob("*")):
        if digest(path.name) == target.said["release"]:
            return open_release(home, path.name), ["Compared with the release that it was made of."]
    return open_release(home), ["The release that it was made of is kept no more: compared with the current one."]


def _of_release(release: Release, cells: Iterable[str], written: set[str]) -> Iterator[str]:
    """Yield each column of the release whose ids, days or sentences stand in the export."""
    words = sorted(word for word in _words(cells) - written if len(word) >= SHORTEST)
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
