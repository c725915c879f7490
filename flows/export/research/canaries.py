"""Canaries: no id, day or sentence of the release, and no place that it lies in, stands in any file of an export."""

import re
import socket
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl

from flows.export import folder
from flows.export.attack import Attack, Target
from flows.export.canaries import SHORTEST, cells_of, found_of, release_of, strings, words_of
from flows.release import Release, open_release

# What the person who made it wrote: words of the agreement, and the day of the guideline's edition.
WRITTEN = ("agreed", "title", "recipient", "purpose", "edition", "files")
PSEUDONYM = re.compile(r"[0-9a-f]{32}")
DAY = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:19|20)[0-9]{2}([-./]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12][0-9]|3[01])"
    r"|[0-9]{1,2}[./][0-9]{1,2}[./](?:19|20)[0-9]{2})(?![0-9A-Za-z])"
)


def canaries(target: Target) -> Attack:
    """Return whether a file holds what stands in the release; without a home, what looks like it."""
    tables = {name: folder.table_of(name, data) for name, data in target.files.items() if name.endswith("parquet")}
    said = [*strings({name: value for name, value in target.said.items() if name not in WRITTEN})]
    book = folder.table_of("codebook.csv", target.files["codebook.csv"])
    cells = [*said, *cells_of(tables.values()), *cells_of([book])]
    found = [*_undeclared(target.files, tables, book), *_days(tables, said), *_places(target)]
    details = ["Without --home only what looks like a day, an id or a sentence is found."]
    if target.home:
        release, details = _release(target, target.home)
        found += found_of(release, cells, words_of(strings(target.said["agreed"])))
    asks = "does a file hold an id, a day or a sentence of the release, or the place where it lies?"
    return Attack("canaries", asks, f"{len(found)} found." if found else "None found.", bool(found), [*found, *details])


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
    if any(DAY.search(text) for text in (*said, *cells_of(tables.values()))):
        yield "a day, written out"


def _places(target: Target) -> Iterator[str]:
    """Yield what stands in the files of the machine and the folders that they were made in."""
    places = [socket.gethostname(), str(Path.home()), str(target.path.absolute().parent)]
    if target.home:
        places.append(str(target.home.absolute()))
    written = {*strings({name: target.said.get(name) for name in WRITTEN if name != "files"})}
    for data in (*target.files.values(), folder.as_json(target.said)):
        if any(len(place) >= SHORTEST and place.encode() in data for place in places if place not in written):
            yield "the name of this machine, or of a folder of it"


def _release(target: Target, home: Path) -> tuple[Release, list[str]]:
    """Return the release that the export was made of, or else the current one, and which it was."""
    release = release_of(home, target.said["release"])
    if release is not None:
        return release, ["Compared with the release that it was made of."]
    return open_release(home), ["The release that it was made of is kept no more: compared with the current one."]
