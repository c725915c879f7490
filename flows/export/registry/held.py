"""What an attacker holds: the tables of the export, and the release that it is of."""

from pathlib import Path

import polars as pl

from flows.errors import Usage
from flows.export import folder
from flows.export.attack import Target
from flows.export.canaries import release_of
from flows.release import Release

COHORT, ERAS, RECORDS = "omop/cohort.parquet", "omop/drug_era.parquet", "records.parquet"


def parquet(target: Target, name: str) -> pl.DataFrame:
    """Return a table of the export; one without a column where the export has none."""
    return folder.table_of(name, target.files[name]) if name in target.files else pl.DataFrame()


def source(target: Target) -> Release:
    """Return the release that the export is of; Usage where the home does not keep it."""
    release = release_of(target.home or Path(), target.said.get("release"))
    if release is not None:
        return release
    raise Usage("this home does not keep the release that the export is of: its ids and dates cannot be looked for")
