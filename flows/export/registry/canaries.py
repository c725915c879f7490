"""Canaries: what identifies a person, a row or a place of the source, looked for in every file of an export."""

import json
from collections.abc import Iterator

import polars as pl

from flows.export import folder
from flows.export.attack import Attack, Target
from flows.export.folder import MANIFEST
from flows.release import Release

# Each id of the source, and each sentence, by its table.
HELD = {
    "patients": ("patient_id", "site_id"),
    "episodes": ("episode_id",),
    "labs": ("source_id",),
    "exposures": ("exposure_id",),
    "events": ("event_id",),
    "stays": ("stay_id",),
    "findings": ("message",),
}
# Where numbers are text too, a short one is a number of something.
LEAST_SIGNS = 5
WORD = r"[\w.:-]+"
SUBJECTS = ("subject_id", "person_id")
# Of numbers drawn at random some are those of the source by chance.
BY_CHANCE = 0.01
ROWS = ("omop/cohort.", "omop/drug_era.", "redcap/records.", "records.")


def canaries(target: Target, release: Release) -> Attack:
    """Look for the ids, sentences and places of the release in every file: cells of rows, words of all else."""
    secret = _secrets(target, release)
    places = [str((target.home or release.folder).resolve()).encode(), release.run_id.encode()]
    found = sorted({name for name, data in _files(target) if _holds(name, data, secret) or _any(places, data)})
    named = target.said["profile"]["agreement"]["subject_ids"] == "source"
    if not named:
        found += [name for name in _with_source_numbers(target, release) if name not in found]
    return Attack(
        "canaries",
        "does a file hold an id, a sentence or a place of the source?",
        f"{secret.len():,} of them looked for{' (subject ids apart, which the agreement names)' if named else ''}: "
        f"found in {len(found)} files.",
        bool(found),
        found,
    )


def _secrets(target: Target, release: Release) -> pl.Series:
    """Return what may not leave: all that is held, but the ids that the agreement names."""
    agreed = target.said["profile"]["agreement"]
    allowed = {"patient_id"} if agreed["subject_ids"] == "source" else set()
    if allowed and agreed["dates"] == "true":
        allowed.add("episode_id")
    columns = [
        release.table(table, [column])[column].drop_nulls().rename("")
        for table, names in HELD.items()
        for column in names
        if column not in allowed
    ]
    return pl.concat(columns).unique()


def _files(target: Target) -> Iterator[tuple[str, bytes]]:
    """Yield every file; of the manifest what it says but sizes and counts, which are numbers."""
    yield from target.files.items()
    said = {name: value for name, value in target.said.items() if name not in ("files", "counts")}
    yield MANIFEST, json.dumps(said, ensure_ascii=False).encode()


def _holds(name: str, data: bytes, secret: pl.Series) -> bool:
    """Return whether a cell of rows is a secret, or a word of all else; a short one only where it is told as text."""
    is_table = name.endswith((".parquet", ".csv"))
    texts = _texts(name, data) if is_table else pl.Series([data.decode()])
    is_rows = name.startswith(ROWS)
    if not is_rows:
        words = texts.str.extract_all(WORD).explode()
        texts = words.filter(words.str.contains(r"\d"))
    if not (is_rows and name.endswith(".parquet")):
        texts = texts.filter(texts.str.len_chars() >= LEAST_SIGNS)
    return texts.to_frame("text").join(secret.to_frame("text"), on="text", how="semi").height > 0


def _texts(name: str, data: bytes) -> pl.Series:
    """Return each text that a table holds, once."""
    table = folder.table_of(name, data)
    texts = table.select(pl.col(pl.String).exclude(SUBJECTS))
    return pl.concat([pl.Series([], dtype=pl.String), *(one.rename("").unique() for one in texts)]).unique()


def _any(places: list[bytes], data: bytes) -> bool:
    return any(place in data for place in places)


def _with_source_numbers(target: Target, release: Release) -> list[str]:
    """Return the tables whose subject ids are those of the source, more of them than by chance."""
    ids = (
        release.table("patients", ["patient_id"])["patient_id"].str.to_integer(strict=False).drop_nulls().cast(pl.Int64)
    )
    found = []
    for name, data in target.files.items():
        if not name.endswith(".parquet"):
            continue
        table = folder.table_of(name, data)
        for column in (one for one in SUBJECTS if one in table.columns):
            subjects = table[column].unique()
            if subjects.is_in(ids.implode()).sum() > BY_CHANCE * subjects.len():
                found.append(name)
    return found
