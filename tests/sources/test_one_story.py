"""One story told alike: whatever the source, the same records stand, with the same days, doses and lengths."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from audit.pipeline import judge
from flows import intake
from flows.site import Site
from tests.flows.extracts import AS_OF, EDITION
from tests.sources.story import WRITERS, Record, Result, Story

Stood = tuple[
    int, str, str | None, float | None, str | None
]  # which record, first and last day, mg a day, length_basis

ORDER = Record("order", "2023-01-01", supply=90)
FETCHED = [Record("dispensing", "2023-01-03", supply=30), Record("dispensing", "2023-02-02", supply=30)]
GIVEN = Record("administration", "2023-01-20")
TOLD = Record("reported", "2023-01-05", end="2023-03-15")
IMURAN = "Imuran 50 mg tablets"
# What each story holds, and what stands of it: the other records are seen in a better one.
STORIES: Mapping[str, tuple[Story, list[Stood]]] = {
    "whole": ([ORDER, *FETCHED, GIVEN, TOLD], [(1, "2023-01-01", "2023-03-31", 50.0, None)]),
    "report-alone": ([TOLD], [(1, "2023-01-05", "2023-03-15", 50.0, None)]),
    "open-report": ([Record("reported", "2023-01-05")], [(1, "2023-01-05", None, 50.0, None)]),
    "dispensings": (
        [*FETCHED, TOLD],
        [(1, "2023-01-03", "2023-02-01", 50.0, None), (2, "2023-02-02", "2023-03-03", 50.0, None)],
    ),
    "given-alone": ([GIVEN], [(1, "2023-01-20", "2023-01-20", 50.0, None)]),
    "given-and-told": (
        [GIVEN, Record("reported", "2023-01-05", end="2023-03-15")],
        [(1, "2023-01-20", "2023-01-20", 50.0, None), (2, "2023-01-05", "2023-03-15", 50.0, None)],
    ),
    "report-before": (
        [ORDER, Record("reported", "2022-06-01")],
        [(1, "2023-01-01", "2023-03-31", 50.0, None)],
    ),
    "report-that-ended": (
        [ORDER, Record("reported", "2022-06-01", end="2022-12-31")],
        [(1, "2023-01-01", "2023-03-31", 50.0, None), (2, "2022-06-01", "2022-12-31", 50.0, None)],
    ),
    "report-after": (
        [ORDER, Record("reported", "2023-04-01", end="2023-04-30")],
        [(1, "2023-01-01", "2023-03-31", 50.0, None), (2, "2023-04-01", "2023-04-30", 50.0, None)],
    ),
    "report-on-the-last-day": (
        [ORDER, Record("reported", "2023-03-31", end="2023-04-30")],
        [(1, "2023-01-01", "2023-03-31", 50.0, None)],
    ),
    "another-drug": (
        [ORDER, Record("reported", "2023-01-05", drug="Mercaptopurine 50 mg tablets")],
        [(1, "2023-01-01", "2023-03-31", 50.0, None), (2, "2023-01-05", None, 50.0, None)],
    ),
    "by-its-brand": (
        [ORDER, Record("dispensing", "2023-01-03", supply=30, drug=IMURAN)],
        [(1, "2023-01-01", "2023-03-31", 50.0, None)],
    ),
    "refilled": (
        [Record("order", "2023-01-01", supply=30, refills=2), *FETCHED, TOLD],
        [(1, "2023-01-01", "2023-03-31", 50.0, "refills")],
    ),
    "refilled-at-the-bound": (
        [Record("order", "2023-01-01", supply=7, refills=52)],
        [(1, "2023-01-01", "2024-01-06", 50.0, "refills")],
    ),
    "refilled-without-limit": (
        [Record("order", "2023-01-01", supply=7, refills=53)],
        [(1, "2023-01-01", "2023-01-07", 50.0, None)],
    ),
    "no-refill": ([Record("order", "2023-01-01", supply=30, refills=0)], [(1, "2023-01-01", "2023-01-30", 50.0, None)]),
    "by-its-text": (
        [Record("order", "2023-01-01", text="1 tablet daily for 28 days")],
        [(1, "2023-01-01", "2023-01-28", 50.0, None)],
    ),
    "stopped-before-the-refills": (
        [Record("order", "2023-01-01", supply=30, refills=5, end="2023-02-10")],
        [(1, "2023-01-01", "2023-02-10", 50.0, None)],
    ),
    "another-tablet": (
        [Record("order", "2023-01-01", supply=30, text="2 tablets (50 mg total) daily")],
        [(1, "2023-01-01", "2023-01-30", None, None)],
    ),
    "the-products-tablets": (
        [Record("order", "2023-01-01", supply=30, text="2 tablets (100 mg total) daily")],
        [(1, "2023-01-01", "2023-01-30", 100.0, None)],
    ),
    "order-of-tomorrow": (
        [Record("reported", "2023-01-05"), Record("order", (AS_OF + timedelta(days=1)).isoformat(), supply=30)],
        [(1, "2023-01-05", None, 50.0, None)],
    ),
}
# A stop for raised enzymes and a restart at twice the dose, each told by all kinds of record.
AUDITED = "audited"
RESTARTED = Record("order", "2023-06-01", supply=90, refills=1, text="2 tablets daily")
COURSE = [
    *(ORDER, *FETCHED, GIVEN, RESTARTED),
    Record("dispensing", "2023-06-03", supply=30, text="2 tablets daily"),
    Record("reported", "2022-12-01", text="1 tablet daily"),
]
DRAWS = {"2022-12-20": 30, "2023-03-30": 320, "2023-05-28": 35, "2023-06-08": 38, "2023-06-15": 30}
RESULTS = [Result(AUDITED, analyte, day, value) for day, value in DRAWS.items() for analyte in ("alt", "ast")]
ALL: Mapping[str, Story] = {**{name: story for name, (story, _) in STORIES.items()}, AUDITED: COURSE}


@cache
def taken(kind: str, folder: Path) -> intake.Intake:
    """Take all stories in from one kind of source, once."""
    given = WRITERS[kind](folder / kind, ALL, RESULTS)
    return intake.intake(given, folder / f"{kind}.work", AS_OF, EDITION, Site(time_zone="UTC", max_rejected_share=1.0))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stories")


def stood(found: intake.Intake) -> dict[str, list[Stood]]:
    """Return what was staged of each story, by the ids that the writers gave."""
    stories: dict[str, list[Stood]] = {name: [] for name in ALL}
    for row in found.staged.exposures.iter_rows(named=True):
        name, _, number = row["exposure_id"].rpartition("/")[2].rpartition("-")
        stories[name].append((int(number), *days_of(row), row["daily_dose_mg"], row["length_basis"]))
    return {name: sorted(stories[name]) for name in STORIES}


def days_of(row: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the first and the last day of a staged record, as the audit counts them."""
    first, last, supply = row["start_date"], row["end_date"], row["days_supply"]
    if last is None and supply is not None:
        last = first + timedelta(days=supply - 1)
    return first.isoformat(), None if last is None else last.isoformat()


@pytest.mark.parametrize("kind", WRITERS)
def test_every_source_tells_the_same_records(kind: str, place: Path) -> None:
    assert stood(taken(kind, place)) == {name: expected for name, (_, expected) in STORIES.items()}


@pytest.mark.parametrize("kind", WRITERS)
def test_tablets_that_are_not_the_products_make_the_dose_unknown_and_say_so(kind: str, place: Path) -> None:
    rows = taken(kind, place).unknown_doses.rows(named=True)
    found = {row["exposure_id"].rpartition("/")[2]: row["reason"] for row in rows}
    assert found == {"another-tablet-1": "contradicting_dose"}


def findings(kind: str, folder: Path) -> list[tuple[Any, ...]]:
    """Return the verdicts on the one audited restart."""
    judged = judge(taken(kind, folder).staged, EDITION, AS_OF)
    assert judged.episodes["restart_date"].to_list() == [date(2023, 6, 1)]
    return judged.findings.select("rule_id", "verdict", "reason", "event_date", "message").sort("rule_id").rows()


@pytest.mark.parametrize("kind", WRITERS)
def test_every_source_gives_the_same_verdicts(kind: str, place: Path) -> None:
    found = findings(kind, place)
    assert found == findings("table", place)
    verdicts = {rule: verdict for rule, verdict, *_ in found}
    assert (verdicts["RST-01"], verdicts["RST-03"], verdicts["RST-04"]) == ("pass", "advisory", "violation")
