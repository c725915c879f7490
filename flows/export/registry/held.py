"""What an attacker holds: the tables of the export, and the release that it is of."""

import hashlib
from pathlib import Path

import polars as pl

from flows.errors import Usage
from flows.export.attack import Target
from flows.release import Release, open_release

COHORT, ERAS, RECORDS = "omop/cohort.parquet", "omop/drug_era.parquet", "records.parquet"
SHORT = 16  # digits of the hash by which a manifest names its release


def named(run_id: str) -> str:
    """Return the name of a release that says nothing of its day."""
    return hashlib.sha256(run_id.encode()).hexdigest()[:SHORT]


def parquet(target: Target, name: str) -> pl.DataFrame:
    """Return a table of the export; one without a column where the export has none."""
    return pl.read_parquet(target.files[name]) if name in target.files else pl.DataFrame()


def source(target: Target) -> Release:
    """Return the release that the export is of; Usage where the home does not keep it."""
    home = target.home or Path()
    for folder in sorted((home / "releases").glob("*")):
        if named(folder.name) == target.said.get("release"):
            return open_release(home, folder.name, told=True)
    raise Usage("this home does not keep the release that the export is of: its ids and dates cannot be looked for")
