"""Evidence: the rows of the extract that a verdict rests on; by value for every rule and reason."""

from pathlib import Path
from types import ModuleType

import pytest

from audit import evidence, judge
from audit.guideline import Guideline
from audit.rules import register
from tests.spec.audited import Audited, Batches
from tests.spec.evidence import injury, monthly, recurrence, restart, several, stops, symptoms, weekly  # noqa: F401
from tests.spec.evidence.proven import COMMON, PROVEN, Proven, lines
from tests.spec.patients import ALONE, UNITS, patients

EXPOSED, UNMEASURED = "drug_exposures", ("clinical_events", "patients")


@pytest.mark.parametrize("one", PROVEN, ids=str)
def test_a_verdict_rests_on_these_rows_and_no_other(one: Proven, audited: Audited) -> None:
    assert audited.reasons(one.rule) == {ALONE: one.reason}
    assert lines(audited.evidence(one.rule)[ALONE]) == one.lines


def test_every_reason_of_every_rule_has_a_case(guideline: Guideline) -> None:
    reasons = {(rule.id, reason) for rule in register(guideline).values() for reason in rule.reasons}
    assert {(one.rule, one.reason) for one in PROVEN} == reasons, "each needs its proves(...) in tests/spec/evidence"


@pytest.mark.parametrize("module", [evidence, judge], ids=["evidence", "judge"])
def test_what_serves_every_rule_names_none(module: ModuleType, guideline: Guideline) -> None:
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    assert [rule for rule in register(guideline) if rule in source] == []


def test_every_case_shows_a_row_that_is_not_common() -> None:
    assert [str(one) for one in PROVEN if not one.lines] == []


@patients("""
    day        | what         | value                    | id
               | without      | first course, restart    |
    -700..-500 | azathioprine | 50 mg explicit           | a course before
    -400..-100 | azathioprine | 100 mg                   | first
    -99..-31   | azathioprine | 100 mg explicit          | last
    -60..-31   | azathioprine | 25 mg explicit product=B | ends with it
    -33..-32   | azathioprine | 50 mg product=C          | ends before it
    0..30      | azathioprine | 50 mg                    | begins
    0..3       | azathioprine | 25 mg product=B          | begins with it
    1..        | azathioprine | 50 mg product=C          | begins after it
""")
def test_every_verdict_rests_on_the_records_that_end_before_the_stop_and_begin_at_the_restart(
    audited: Audited, guideline: Guideline
) -> None:
    expected = [
        "restart | 0 | azathioprine | 25 |  |  |  | drug begins with it",
        "restart | 0 | azathioprine | 50 |  |  |  | drug begins",
        "stop | -60 | azathioprine | 25 |  |  |  | drug ends with it",
        "stop | -99 | azathioprine | 100 |  |  |  | drug last",
    ]
    rules = register(guideline)
    assert {rule: lines(audited.evidence(rule)["patient"], COMMON) for rule in rules} == dict.fromkeys(rules, expected)


@patients("""
    who      | day    | what         | value | id
    all      | 300    | as of        |       |
    all      | -900.. | observed     |       |
    draw     | -800   | died         |       |
    draw     | -739   | ast          | 25    | contradicts
    draw     | -730   | alt          | 25    | later
    start    | -470   | died         |       |
    start    | -900   | ast          | 25    | alive
    birth    | -30000 | died         |       |
    used     | 290    | died         |       |
""")
def test_a_death_that_was_not_used_is_evidence_with_the_row_that_contradicts_it(audited: Audited) -> None:
    roles = ("death", "after_death")
    told = {name: lines(rows, roles) for name, rows in audited.evidence("STP-06").items()}
    assert told == {
        "draw": [
            "after_death | -739 | ast |  |  |  |  | lab contradicts",
            "death | -800 | death |  |  |  |  | patient",
        ],
        "start": ["after_death | -400 | azathioprine |  |  |  |  | drug", "death | -470 | death |  |  |  |  | patient"],
        "birth": ["after_death | -430 | alt |  |  |  |  | lab", "death | -30000 | death |  |  |  |  | patient"],
        "used": [],
    }


@patients("""
    day        | what           | value                                       | id
               | without        | first course, restart, recovery, monitoring |
    -400..-31  | azathioprine   | 100 mg explicit                             | first
    0..60      | azathioprine   | 50 mg explicit                              | second
    100..      | azathioprine   | 25 mg                                       | third
    -2         | alt            | 41                                          | before the second
    98         | alt            | 42                                          | before the third
    50         | alt            | 200                                         | in the second
    150        | alt            | 240                                         | in the third
""")
def test_each_episode_rests_on_rows_of_its_own(audited: Audited) -> None:
    shown = {
        (rule, begun): {row["source_id"] for row in audited.evidence(rule, begun)["patient"] if row["role"] in roles}
        for rule, roles in (("RST-01", ("pre_restart", "stop", "restart")), ("STP-01", ("trigger", "response")))
        for begun in (0, 100)
    }
    assert shown == {
        ("RST-01", 0): {"before the second", "first", "second"},
        ("RST-01", 100): {"before the third", "second", "third"},
        ("STP-01", 0): {"in the second", "second"},
        ("STP-01", 100): {"in the third", "third"},
    }


def test_every_row_has_the_unit_of_its_table(batches: Batches) -> None:
    for one in PROVEN:
        for row in batches.of(one.case).evidence(one.rule)["patient"]:
            if row["source_table"] in UNMEASURED:
                assert (row["value"], row["unit"]) == (None, None)
            elif row["source_table"] == EXPOSED:
                assert row["unit"] == "mg/d"
            elif row["value"] is not None:
                assert row["unit"] == UNITS.get(row["concept"])


@patients("""
    day | what            | value | id
    100 | symptom_fatigue |       | the record
    100 | symptom_nausea  |       | the record
    102 | draw            |       | the draw
""")
def test_a_record_of_two_symptoms_is_evidence_of_both(audited: Audited) -> None:
    found = [row for row in audited.evidence("MON-05")["patient"] if row["role"] == "symptom"]
    assert [(row["source_id"], row["concept"]) for row in found] == [
        ("the record", "symptom_fatigue"),
        ("the record", "symptom_nausea"),
    ]


@patients("""
    who     | day    | what         | value                    | id
    all     | -900.. | observed     |                          |
    all     | 60     | as of        |                          |
    all     |        | without      | restart                  |
    all     | 58     | alt          | 250                      |
    open    | 0..    | azathioprine | 50 mg                    | open
    open    | 0..90  | azathioprine | 25 mg product=B          | planned
    planned | 0..70  | azathioprine | 50 mg                    | shorter
    planned | 0..90  | azathioprine | 25 mg product=B          | longer
    ended   | 0..40  | azathioprine | 50 mg                    | first
    ended   | 0..59  | azathioprine | 25 mg product=B          | last
    closed  | 0..    | azathioprine | 50 mg                    | open
    closed  | 0..60  | azathioprine | 25 mg product=B          | planned
""")
def test_a_course_that_runs_ends_with_the_records_that_tell_the_latest_end(audited: Audited) -> None:
    # The same rows whatever the day of the audit: what ends before others do never ends the course.
    expected = {"open": ["open"], "planned": ["longer"], "ended": ["last"], "closed": ["open"]}
    for rule, role in (("STP-01", "response"), ("STP-02", "window_end"), ("MON-04", "window_end")):
        shown = {
            name: [row["source_id"] for row in rows if row["role"] == role]
            for name, rows in audited.evidence(rule).items()
        }
        assert shown == expected, rule
