"""Findings as a whole: one verdict for every episode and rule, with its reason and evidence."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from audit import frames, vocabulary
from audit.frames import Judged
from audit.rules import register
from flows.editions import load
from tests.spec.audited import Audited, Batches
from tests.spec.patients import CASES, DAY_0, patients

RULES = set(register(load()))


@pytest.fixture(scope="module")
def judged(batches: Batches) -> Iterator[Judged]:
    """Return the largest batch of the collected specifications."""
    largest = max(batches.groups.values(), key=len)
    yield batches.of(largest[0]).answers.judged


@patients("""
    day | what     | value
        | standard |
""")
def test_the_standard_patient_keeps_every_rule_that_applies(audited: Audited) -> None:
    verdicts = {rule: audited.verdict(rule) for rule in RULES}
    passed = {f"RST-0{number}" for number in (1, 2, 3, 4, 7, 8)} | {f"MON-0{number}" for number in range(1, 5)}
    expected = {rule: "pass" if rule in passed else "not_applicable" for rule in RULES}
    assert verdicts == expected, "what a rule asks is in PARTS of tests/spec/patients.py, and here whether it applies"


def test_every_episode_has_exactly_one_verdict_for_every_rule(judged: Judged) -> None:
    assert len(CASES) > 0
    counts = judged.findings.group_by("episode_id", "rule_id").len()
    assert counts["len"].unique().to_list() == [1]
    assert counts.height == judged.episodes.height * len(RULES)
    assert set(counts["rule_id"].unique()) == RULES


def test_every_verdict_is_of_the_vocabulary_and_has_a_reason_and_a_message(judged: Judged) -> None:
    assert set(judged.findings["verdict"].unique()) <= set(vocabulary.VERDICTS)
    for column in ("verdict", "reason", "message"):
        assert judged.findings[column].null_count() == 0


def test_every_frame_has_its_declared_columns_and_keys_and_is_sorted_by_them(judged: Judged) -> None:
    for frame in frames.JUDGED:
        found = getattr(judged, frame.name)
        assert found.schema == frame.schema, frame.name
        assert found.select(frame.keys).is_duplicated().sum() == 0, frame.name
        assert found.equals(found.sort(frame.keys)), frame.name


def test_every_violation_and_advisory_rests_on_evidence_or_on_its_absence(judged: Judged) -> None:
    broken = judged.findings.filter(
        (judged.findings["verdict"] == "violation") & (judged.findings["reason"] != "no_test")
    )
    shown = judged.evidence.select("episode_id", "rule_id").unique()
    stops = broken.filter(broken["rule_id"].is_in(["RST-01", "RST-04", "RST-07", "STP-01", "STP-02", "STP-03"]))
    assert stops.height > 0
    assert stops.join(shown, on=["episode_id", "rule_id"], how="anti").height == 0


@patients("""
    who      | day      | what            | value
    all      |          | without         | restart, monitoring
    all      | 0..199   | azathioprine    | 50 mg explicit
    advisory | 190      | alt             | 60
    pass     | 190, 195 | alt             | 60
    open     | 190      | alt             | >60
    trigger  | 190      | alt             | 250
""")
def test_a_stop_verdict_hangs_on_the_day_after_the_last_dose(audited: Audited) -> None:
    verdicts = {"advisory": "advisory", "pass": "pass", "open": "indeterminate", "trigger": "not_applicable"}
    assert audited.verdicts("STP-05") == verdicts
    dates = audited.findings("STP-05", "event_date")
    assert [dates[name] for name in ("advisory", "pass", "open")] == [200, 200, 200]


@patients("""
    day      | what            | value
    100, 110 | alt             | 250
    90       | symptom_fatigue |
""")
def test_a_verdict_hangs_on_the_day_of_what_it_judges(audited: Audited) -> None:
    assert audited.finding("STP-01", "event_date") == 100
    assert audited.finding("STP-04", "event_date") == 100
    assert audited.finding("MON-05", "event_date") == 90


@patients("""
    who      | day      | what         | value
    all      |          | without      | restart, monitoring
    all      | 0..199   | azathioprine | 50 mg explicit
    advisory | 190      | alt          | 60
    pass     | 190, 195 | alt          | 60
""")
def test_the_sentence_of_a_stop_names_the_day_after_the_last_dose(audited: Audited) -> None:
    stopped = f"The drug was stopped on {DAY_0 + timedelta(days=200)} "
    assert [message.startswith(stopped) for message in audited.findings("STP-05", "message").values()] == [True, True]


@patients("""
    day      | what         | value
             | without      | restart, monitoring, clinical_events
    0..199   | azathioprine | 50 mg explicit
    190      | alt          | 60
""")
def test_without_events_too_a_stop_verdict_hangs_on_the_day_after_the_last_dose(audited: Audited) -> None:
    assert audited.reason("STP-05") == "no_clinical_events"
    assert audited.finding("STP-05", "event_date") == 200
