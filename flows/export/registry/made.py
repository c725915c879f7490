"""An export to a registry from a release: its tables, its papers, and what its manifest says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from audit.guideline import Guideline
from flows.errors import Usage
from flows.export import folder
from flows.export.keys import Key
from flows.export.registry import omop, papers, redcap, rows
from flows.export.registry.profile import Agreement, Model
from flows.export.registry.sources import described
from flows.export.registry.subjects import subjects
from flows.export.request import TOGETHER, Made, Request
from flows.release import Release

PLACE = "omop/"
RECORDS, TABLE, DICTIONARY = "redcap/records", "records", "redcap/data_dictionary"
CODEBOOK, CITATION = "codebook.csv", "CITATION.cff"
NAMES = (  # of the files that an export to a registry may have
    CODEBOOK, CITATION, f"{RECORDS}.csv", f"{TABLE}.parquet", f"{DICTIONARY}.csv",
    *(f"{PLACE}{frame.name}.{form}" for frame in omop.FRAMES for form in ("csv", "parquet")),
)  # fmt: skip
HELD = {
    True: "pseudonymised, not anonymous: under the agreement only",
    False: "ids and dates of the source, as the agreement names them: under the agreement only",
}
KIND = "record"  # of pseudonym: no episode of other rows that one recipient holds can be joined with it
STAYS = (
    "Shifted dates keep every interval between them: who holds dated records of a person elsewhere can find the "
    "person by the intervals, and the shift with them."
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What of a release the rows are made of."""

    episodes: pl.DataFrame
    findings: pl.DataFrame
    patients: pl.DataFrame
    feed_end: date


def make(profile: Model, request: Request) -> Made:
    """Make an export to a registry; Usage where the agreement, the key or the profile does not allow it."""
    recipient, purpose = _agreed(profile.agreement, request)
    key = request.key() if profile.agreement.needs_key else None
    release = request.opened()
    if (guideline := release.edition()) is None:
        raise Usage("the edition of this release can be applied no more: run `rechallenge audit` first")
    opened = _opened(release)
    persons = opened.patients.select("patient_id", "first_exposure")
    who = subjects(persons, profile.agreement, key)
    tables = _omop(profile, release, opened, who, guideline)
    files = {name: data for table, rows in tables.items() for name, data in _both(f"{PLACE}{table}", rows).items()}
    records, fields = _records(profile, opened, who, key, guideline)
    files |= records
    models = [(f"{PLACE}{frame.name}", frame) for frame in omop.FRAMES if frame.name in tables]
    book = papers.codebook(models, (RECORDS, TABLE), fields)
    files[CODEBOOK] = folder.as_csv(book)
    files[CITATION] = papers.citation(profile.title, _version(release), profile.citation)
    counts = {
        "persons": who.height,
        "restarts": opened.episodes.height,
        **{f"rows of {name}": table.height for name, table in tables.items()},
        **({"rows of records": opened.episodes.height} if records else {}),
    }
    return Made(files, _manifest(profile, release, (recipient, purpose), counts), {**counts, "fields": book.height})


def _agreed(agreement: Agreement, request: Request) -> tuple[str, str]:
    """Return recipient and purpose; Usage where the profile is another's agreement."""
    recipient, purpose = request.agreement()
    if agreement.recipient not in (None, recipient):
        raise Usage("this profile is the agreement with another recipient")
    return recipient, purpose


def _opened(release: Release) -> Opened:
    """Return the episodes with their findings, and the persons who have one."""
    episodes = release.table("episodes")
    patients = release.table("patients", ["patient_id", "sex", "birth_year", "first_exposure"])
    return Opened(
        episodes,
        release.table("findings", ["episode_id", "rule_id", "verdict", "reason"]),
        patients.join(episodes, on="patient_id", how="semi"),
        release.observed_to,
    )


def _omop(
    profile: Model, release: Release, opened: Opened, who: pl.DataFrame, guideline: Guideline
) -> dict[str, pl.DataFrame]:
    if profile.omop is None:
        return {}
    told = omop.Told(
        episodes=opened.episodes,
        findings=opened.findings,
        courses=release.table("courses", ["patient_id", "start_date", "last_dose_date", "days", "days_covered"]),
        exposures=release.table("exposures", ["patient_id", "concept", "start_date"]),
        feed_end=opened.feed_end,
    )
    return omop.tables(told, who, profile.omop, guideline)


def _records(
    profile: Model, opened: Opened, who: pl.DataFrame, key: Key | None, guideline: Guideline
) -> tuple[dict[str, bytes], Sequence[rows.Variable]]:
    """Return the records as CSV and Parquet with the data dictionary, and their fields."""
    if profile.rows is None:
        return {}, ()
    fields = rows.variables(profile.rows, profile.agreement, guideline)
    ids = opened.episodes["episode_id"]
    names = (
        dict(zip(ids, ids, strict=True)) if key is None else key.pseudonyms("record", ids)
    )  # not "episode": other rows of one recipient shall not join
    hidden_end = opened.feed_end if profile.agreement.dates == "shifted" else None
    wide = (
        described(opened.episodes, opened.patients, hidden_end)
        .join(who.select("patient_id", "subject_id"), on="patient_id")
        .with_columns(pl.col("episode_id").replace_strict(names, return_dtype=pl.String).alias(rows.RECORD))
    )
    table = rows.table(wide, opened.findings, fields)
    return {
        f"{RECORDS}.csv": folder.as_csv(table),
        f"{TABLE}.parquet": folder.as_parquet(table),
        f"{DICTIONARY}.csv": folder.as_csv(redcap.dictionary(fields)),
    }, fields


def _both(name: str, table: pl.DataFrame) -> dict[str, bytes]:
    """Return a table as CSV and as Parquet, in one chunk: so its bytes do not hang on how it was computed."""
    whole = table.rechunk()
    return {f"{name}.csv": folder.as_csv(whole), f"{name}.parquet": folder.as_parquet(whole)}


def _version(release: Release) -> str:
    """Return which edition judged the data, and the month as of which: the day itself stays."""
    return f"{release.said['guideline']['edition']}, as of {release.as_of:%Y-%m}"


def _manifest(profile: Model, release: Release, agreed: tuple[str, str], counts: Mapping[str, int]) -> dict[str, Any]:
    """Return what the manifest says beside the files."""
    recipient, purpose = agreed
    return {
        "kind": profile.kind,
        "what_it_is": HELD[profile.agreement.needs_key],
        "recipient": recipient,
        "purpose": purpose,
        "together_with_aggregates": TOGETHER,
        "what_remains_possible": STAYS,
        "version": _version(release),
        "release": folder.named(release.run_id),
        "program": release.said["code"]["version"],
        "counts": dict(counts),
        "profile": profile.model_dump(mode="json"),
        **{name: release.said[name] for name in ("guideline", "parameters_hash", "parameters")},
    }
