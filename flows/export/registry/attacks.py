"""Attacks on rows for a registry: what they hold beyond the agreement, and what is left to whoever knows more."""

import re
import stat

import polars as pl

from flows.errors import Usage
from flows.export.attack import Attack, Target
from flows.export.folder import MANIFEST, OWNER_ONLY
from flows.export.ledger import refuse_shared_recipient
from flows.export.registry import omop
from flows.export.registry.canaries import canaries
from flows.export.registry.dates import attacks_on_dates
from flows.export.registry.held import COHORT, ERAS, RECORDS, parquet, source
from flows.export.registry.made import STAYS
from flows.export.request import TOGETHER

DATED = re.compile(r"\d{4}-\d{2}-\d{2}")
WRITTEN_BY_POLARS = {"ARROW:schema"}


def attacks(target: Target) -> list[Attack]:
    """Return each attack with its outcome; without a home those that need the release are not among them."""
    found = [_modes(target), _metadata(target), _dates_of_records(target), *_tables(target), *_combinations(target)]
    if target.home is None:
        return [*found, _together(target)]
    release = source(target)
    return [*found, canaries(target, release), *attacks_on_dates(target, release), _together(target)]


def _modes(target: Target) -> Attack:
    open_to_all = [
        name
        for name in (*target.files, MANIFEST)
        if stat.S_IMODE((target.path / name).stat().st_mode) & ~OWNER_ONLY & 0o777
    ]
    return Attack(
        "file modes",
        "may somebody else on this machine read a file?",
        f"{len(open_to_all)} of {len(target.files) + 1} files can be read by others.",
        bool(open_to_all),
        open_to_all,
    )


def _metadata(target: Target) -> Attack:
    """Look for what the Parquet files say of themselves beyond their columns."""
    told = {
        name: sorted(pl.read_parquet_metadata(data).keys() - WRITTEN_BY_POLARS)
        for name, data in target.files.items()
        if name.endswith(".parquet")
    }
    talking = [name for name, words in told.items() if words]
    return Attack(
        "metadata",
        "does a Parquet file say where, when or of what it was made?",
        f"{len(talking)} of {len(told)} Parquet files say more than their columns.",
        bool(talking),
        talking,
    )


def _dates_of_records(target: Target) -> Attack:
    """Look for a date among the records: there days count from the restart, unless the agreement says otherwise."""
    records = parquet(target, RECORDS)
    named = target.said["profile"]["agreement"]["dates"] == "true"
    texts = records.select(pl.col(pl.String).str.contains(DATED.pattern).any())
    dated = [*records.select(pl.col(pl.Date)).columns, *(name for name in texts.columns if texts[name].item())]
    allowed = "; the agreement names true dates" if named else ""
    return Attack(
        "dates in records",
        "does a record hold a calendar date?",
        f"{len(dated)} fields hold one{allowed}.",
        bool(dated) and not named,
        dated,
    )


def _tables(target: Target) -> list[Attack]:
    """Hold the OMOP tables against what OHDSI's tools rely on."""
    cohort, eras = parquet(target, COHORT), parquet(target, ERAS)
    if not eras.width:
        return []
    found = omop.problems(cohort, eras)
    outcome = f"{cohort.height:,} stays and {eras.height:,} eras: {'; '.join(found) or 'none overlaps or ends early'}."
    return [Attack("OMOP tables", "do eras overlap, or end before they begin?", outcome, bool(found))]


def _combinations(target: Target) -> list[Attack]:
    """Tell how many records are alone with their values: this is promised to nobody, so it cannot succeed."""
    records = parquet(target, RECORDS)
    if not records.height:
        return []
    values = records.drop("record_id", "subject_id")
    alone = values.select(pl.struct(pl.all()).is_unique().sum()).item()
    return [
        Attack(
            "rare combinations",
            "how many records are alone with all their values?",
            f"{alone:,} of {records.height:,}: whoever knows them of a person finds the record. These rows are "
            "pseudonymised, not anonymous, and the agreement is their protection.",
            succeeded=False,
        )
    ]


def _together(target: Target) -> Attack:
    """Ask whether the recipient has aggregates, as the ledger of the home knows; and say what both reveal."""
    asks, outcome, succeeded = "does the recipient hold aggregates too?", "", False
    if target.home is None:
        outcome = "Not asked: the ledger is in the home (--home)."
    else:
        try:
            refuse_shared_recipient(target.home, target.said["recipient"])
            outcome = "The ledger knows of none."
        except Usage as error:
            outcome, succeeded = f"{error}.", True
    return Attack("together with aggregates", asks, outcome, succeeded, [TOGETHER, STAYS])
