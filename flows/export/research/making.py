"""A research export from beginning to end: rows, pseudonyms, what is promised of them, and what the manifest says."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import polars as pl

from audit.guideline import Guideline
from flows.errors import Broken, Usage
from flows.export import folder
from flows.export.keys import Key
from flows.export.profiles import Profile
from flows.export.request import TOGETHER, Made, Request
from flows.export.research import series
from flows.export.research.anonymity import Choice, chosen
from flows.export.research.codebook import ROWS, SERIES, codebook
from flows.export.research.fields import Fields
from flows.export.research.fields import made as made_fields
from flows.export.research.linkage import diversity, linkage
from flows.export.research.profile import Model
from flows.export.research.sources import SITE, gathered, verdict_of
from flows.release import Release
from flows.shipped import version

NOTICE = "pseudonymised, not anonymous; under agreement only"


def make(profile: Profile, request: Request) -> Made:
    """Return the export that a research profile describes; Usage, in one line, where it cannot be made."""
    if not isinstance(profile, Model):
        raise Usage(f"profile {profile.id} is no research profile")
    recipient, purpose = request.agreement()
    key, release = request.key(), request.opened()
    guideline = release.edition()
    if guideline is None:
        raise Usage("the edition of this release can be applied no more: run `rechallenge audit` first")
    if profile.series:
        series.require_analytes(profile.series.analytes, profile.id)
    rows = _rows(profile, release, key)
    fields = made_fields(profile, rows, guideline)
    choice = chosen(fields.quasi, rows, profile.k, profile.drop_at_most)
    leaving = rows.select("patient_id", "restart_date", "patient", "episode").filter(choice.kept)
    told = _told(profile, rows, fields, choice)
    tables = {ROWS: told}
    if profile.series:
        tables[SERIES] = series.made(release.scan, profile.series, leaving, profile.time)
    found = _found(profile, fields, choice, tables, rows)
    said = {
        "kind": profile.kind,
        "notice": NOTICE,
        "together_with_aggregates": TOGETHER,
        "profile": profile.id,
        "title": profile.title,
        "recipient": recipient,
        "purpose": purpose,
        **_release(release, guideline),
        **found,
        "agreed": profile.model_dump(by_alias=True, exclude_none=True),
    }
    book = folder.as_csv(codebook(profile, fields, choice.steps))
    return Made({**_files(tables), "codebook.csv": book}, said, _shown(found))


def _rows(profile: Model, release: Release, key: Key) -> pl.DataFrame:
    """Return the gathered rows with the pseudonyms of person and episode, and of the site in its place."""
    names = sorted({field.source for field in profile.fields})
    rows = gathered(release.scan, names, profile.rules)
    hidden = [("patient_id", "patient", "patient"), ("episode_id", "episode", "episode")]
    if SITE in names:
        hidden.append((SITE, SITE, SITE))
    for source, name, kind in hidden:
        known = key.pseudonyms(kind, rows[source].drop_nulls().unique())
        rows = rows.with_columns(pl.col(source).replace_strict(known, default=None, return_dtype=pl.String).alias(name))
    return rows


def _told(profile: Model, rows: pl.DataFrame, fields: Fields, choice: Choice) -> pl.DataFrame:
    """Return the rows that leave, sorted by pseudonym; Broken where fewer than k persons look alike in them."""
    quasi = {one.name: one.told(step) for one, step in zip(fields.quasi, choice.steps, strict=True)}
    columns = {**fields.others, **quasi}
    order = [*(field.name for field in profile.fields), *map(verdict_of, profile.rules)]
    told = rows.select("patient", "episode").with_columns(columns[name].alias(name) for name in order)
    told = told.filter(choice.kept).sort("patient", "episode")
    if linkage(told, [*quasi]).least < profile.k:
        raise Broken(f"fewer than {profile.k} persons look alike in what was made: nothing is written")
    return told


def _release(release: Release, guideline: Guideline) -> Mapping[str, Any]:
    """Return what is said of the release: no day and no id of it."""
    return {
        "edition": {"guideline": guideline.id, "edition": guideline.edition, "parameters_hash": guideline.hash},
        "as_of_month": f"{release.as_of:%Y-%m}",
        "release": folder.named(release.run_id),
        "program": version(),
    }


def _found(
    profile: Model, fields: Fields, choice: Choice, tables: Mapping[str, pl.DataFrame], rows: pl.DataFrame
) -> dict[str, Any]:
    """Return the counts: what leaves, what was lost, how alike persons are, how diverse the outcome."""
    told, names = tables[ROWS], [one.name for one in fields.quasi]
    alike, diverse = linkage(told, names), diversity(told, names, profile.outcome)
    every = linkage(told, told.columns[2:])
    steps = [
        {
            "field": one.name,
            "step": step,
            "steps": len(one.steps) - 1,
            "levels": list(one.steps[step].levels),
            "information_lost": round(lost, 3),
        }
        for one, step, lost in zip(fields.quasi, choice.steps, choice.lost, strict=True)
    ]
    persons = rows["patient"].n_unique()
    gone = rows.filter(~pl.col("patient").is_in(told["patient"].implode()))
    return {
        "counts": {"rows": told.height, "persons": alike.persons},
        "k_anonymity": {
            "k": profile.k,
            "of": "persons, by the quasi-identifiers of all their rows together",
            "fewest_persons_alike": alike.least,
            "quasi_identifiers": steps,
        },
        "lost": {
            "rows_dropped": rows.height - told.height,
            "rows_of_release": rows.height,
            # Of a person with several rows the later ones go first.
            "rows_dropped_of_persons_who_stay": rows.height - told.height - gone.height,
            "persons_dropped": persons - alike.persons,
            "persons_of_release": persons,
        },
        "l_diversity": {"outcome": profile.outcome, **asdict(diverse)},
        "not_promised": {"persons_alone_by_every_column": every.alone, "share": every.share}
        | (_of_series(told, tables[SERIES]) if SERIES in tables else {}),
    }


def _of_series(told: pl.DataFrame, results: pl.DataFrame) -> dict[str, Any]:
    """Return how many of the persons are alone by their series; one without a result has an empty one."""
    columns = [name for name in results.columns if name not in ("patient", "episode")]
    found = linkage(results, columns)
    without = told["patient"].n_unique() - found.persons
    alone = found.alone + (without == 1)
    return {
        "persons_alone_by_series": alone,
        "share_alone_by_series": round(alone / (found.persons + without), 3),
        "results": results.height,
    }


def _files(tables: Mapping[str, pl.DataFrame]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for name, table in tables.items():
        files |= {f"{name}.csv": folder.as_csv(table), f"{name}.parquet": folder.as_parquet(table)}
    return files


def _shown(found: Mapping[str, Any]) -> dict[str, int]:
    """Return the figures for the terminal."""
    lost = found["lost"]
    return {
        "rows": found["counts"]["rows"],
        "persons": found["counts"]["persons"],
        "rows dropped": lost["rows_dropped"],
        "persons dropped": lost["persons_dropped"],
        "fewest persons who look alike": found["k_anonymity"]["fewest_persons_alike"],
    }
