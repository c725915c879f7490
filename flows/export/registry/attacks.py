"""Attacks on rows for a registry: what they hold beyond the agreement, and what is left to whoever knows more."""

import re

import polars as pl

from flows.errors import Usage
from flows.export.attack import Attack, Target
from flows.export.ledger import refuse_shared_recipient
from flows.export.registry import omop
from flows.export.registry.canaries import canaries
from flows.export.registry.dates import attacks_on_dates
from flows.export.registry.held import COHORT, ERAS, RECORDS, parquet, source
from flows.export.registry.made import NAMES, STAYS
from flows.export.request import TOGETHER
from flows.export.traces import traces

DATED = re.compile(r"\d{4}-\d{2}-\d{2}")


def attacks(target: Target) -> list[Attack]:
    """Return each attack with its outcome; without a home those that need the release are not among them."""
    found = [traces(target, NAMES), _dates_of_records(target), *_tables(target), *_combinations(target)]
    if target.home is None:
        return [*found, _together(target)]
    release = source(target)
    return [*found, canaries(target, release), *attacks_on_dates(target, release), _together(target)]


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
