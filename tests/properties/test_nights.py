"""What a night changed, its causes and its history equal a slow reference, whatever the nights bring."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from audit.changes import Edition, Findings, Night, Pairs, changes, history, pairs
from audit.frames import CHANGES, HISTORY, Judged, Kept
from audit.guideline import overlay

from .chart import on
from .nights import Known, nights
from .oracle_changes import Between, asked, judged_all, told
from .oracle_history import carried, first
from .staging import audited, edition

EPOCH = date(1970, 1, 1)
COLUMNS = ("change", "verdict_before", "verdict_now", "reason_before", "reason_now", "event_date_before")
COLUMNS += ("event_date_now", "cause", "episode_before")
NO_CHANGE = CHANGES.empty()
# Each example judges a dozen times.
few = settings(max_examples=settings().max_examples // 10)
fewer = settings(max_examples=settings().max_examples // 20)


@dataclass
class Held:
    """Two nights held against each other."""

    one: Night
    two: Night
    paired: Pairs
    changes: pl.DataFrame


def night(known: Known, judged: Judged, program: str) -> Night:
    """A night as a release keeps it; without its edition where a later program reads it."""
    numbers = overlay(edition(), known.cohort.overlay) if known.fingerprints["program"] == program else None
    return Night(
        observed_to=(on(known.ends) - EPOCH).days,
        edition=Edition(numbers, known.fingerprints),
        kept=judged.kept,
        found=Findings(judged.episodes, judged.findings),
        lacks=known.lacks,
    )


def hold(one: Night, two: Night, present: frozenset[str], min_break_days: int) -> Held:
    """Find what the second night changed."""
    paired = pairs(one.found, two.found, min_break_days)
    there = pl.DataFrame({"patient_id": sorted(present)}, schema={"patient_id": pl.String})
    return Held(one, two, paired, changes(one, two, paired, there, "before"))


def held(between: Between, one: Judged, two: Judged) -> Held:
    """The nights of a reference, through the audit."""
    program = between.now.fingerprints["program"]
    nights = night(between.before, one, program), night(between.now, two, program)
    return hold(*nights, between.now.present, between.min_break_days)


def referred(known: list[Known], judged: list[Judged]) -> list[Between]:
    """Each night after the first against the one before it, with what every step gives."""
    found = [told(one) for one in judged]
    between = [
        Between(place, known[place], known[place + 1], found[place], found[place + 1])
        for place in range(len(known) - 1)
    ]
    questions = [
        question
        for two in between
        for patient_id in sorted({key[0] for key in (*two.found, *two.finds)})
        for question in asked(two.number, two.before, two.now, patient_id)
    ]
    answers = judged_all(questions)
    for two in between:
        two.steps = answers
    return between


def differences(between: Between, actual: pl.DataFrame) -> Iterator[str]:
    """What the table says otherwise than the reference; words of an unexplained change beside its cause are free."""
    expected = between.changes()
    rows = {(row["episode_id"], row["rule_id"]): row for row in actual.iter_rows(named=True)}
    for key in sorted(expected.keys() ^ rows.keys()):
        yield f"{key} on one side only: {expected.get(key)} {rows.get(key)}"
    for key in sorted(expected.keys() & rows.keys()):
        said, row = expected[key], rows[key]
        told = [said["change"]]
        for place in range(3):
            told += [side[place] if side else None for side in (said["before"], said["now"])]
        told += [said["cause"], said["episode_before"]]
        if told != [row[name] for name in COLUMNS]:
            yield f"{key}: reference {told}, audit {[row[name] for name in COLUMNS]}"
        if said["cause"] != "unexplained":
            if said["causes"] != row["causes"]:
                yield f"{key}: reference {said['causes']}, audit {row['causes']}"
            if said["cause_rows"] != set(row["cause_rows"]):
                yield f"{key} {said['causes']}: reference {sorted(said['cause_rows'])}, audit {row['cause_rows']}"


@few
@given(nights())
def test_changes_and_history_equal_the_reference(known: list[Known]):
    judged = [audited(one.cohort) for one in known]
    between = referred(known, judged)
    days = [on(one.cohort.as_of) for one in known]
    lines = first(told(judged[0]), days[0], "0")
    kept = history(HISTORY.empty(), Findings(judged[0].episodes, judged[0].findings), None, NO_CHANGE, days[0], "0")
    for place, two in enumerate(between):
        through = held(two, judged[place], judged[place + 1])
        problems = list(differences(two, through.changes))
        assert not problems, "\n".join([*problems, repr(two.before), repr(two.now)])
        assert "unexplained" not in set(through.changes["cause"])
        lines = carried(lines, two, days[place + 1], str(place + 1))
        kept = history(kept, through.two.found, through.paired, through.changes, days[place + 1], str(place + 1))
        actual = {(row.pop("episode_id"), row.pop("rule_id")): row for row in kept.to_dicts()}
        assert actual == {key: vars(line) for key, line in lines.items()}
