"""What a night changed, its causes and its history equal a slow reference, whatever the nights bring."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
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


@fewer
@given(nights(most=2), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(known: list[Known], random):
    judged = [audited(one.cohort) for one in known]
    (between,) = referred(known, judged)
    plain, mixed = held(between, *judged), held(between, *(shuffled(one, random) for one in judged))
    assert_frame_equal(plain.changes, mixed.changes)
    days = [on(one.cohort.as_of) for one in known]
    histories = []
    for through in (plain, mixed):
        earlier = history(HISTORY.empty(), through.one.found, None, NO_CHANGE, days[0], "0")
        histories.append(history(earlier, through.two.found, through.paired, through.changes, days[1], "1"))
    assert_frame_equal(*histories)


def shuffled(judged: Judged, random) -> Judged:
    """What a night keeps and found, its rows in another order."""

    def mixed(frame: pl.DataFrame) -> pl.DataFrame:
        return frame[random.sample(range(len(frame)), len(frame))]

    kept = Kept(**{one.name: mixed(getattr(judged.kept, one.name)) for one in fields(Kept)})
    return replace(judged, kept=kept, episodes=mixed(judged.episodes), findings=mixed(judged.findings))


@fewer
@given(nights(most=2), st.sampled_from(("verdict", "reason", "event_date")), st.booleans())
def test_a_night_like_the_one_before_it_changes_nothing_and_a_broken_one_is_unexplained(
    known: list[Known], name: str, is_first_broken: bool
):
    judged = audited(known[0].cohort)
    kept = night(known[0], judged, known[0].fingerprints["program"])
    assert hold(kept, kept, known[0].present, 14).changes.is_empty()
    earlier = history(HISTORY.empty(), kept.found, None, NO_CHANGE, on(0), "0")
    assert_frame_equal(history(earlier, kept.found, pairs(kept.found, kept.found, 14), NO_CHANGE, on(1), "1"), earlier)
    broken = replace(kept, found=tampered(kept.found, name))
    found = hold(*((broken, kept) if is_first_broken else (kept, broken)), known[0].present, 14).changes
    assert set(found["cause"]) <= {"unexplained"}
    assert set(found["episode_id"]) == set(kept.found.episodes["episode_id"])
    assert set(found["rule_id"]) <= {"RST-02"}


def tampered(found: Findings, name: str) -> Findings:
    """The findings of a rule say what no rows give."""
    other = pl.lit(on(-999)) if name == "event_date" else pl.lit("tampered" if name == "reason" else "indeterminate")
    value = pl.when(pl.col("rule_id") == "RST-02").then(other).otherwise(name).alias(name)
    return replace(found, findings=found.findings.with_columns(value))
