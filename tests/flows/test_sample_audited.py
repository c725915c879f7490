"""A few thousand synthetic patients, taken in and judged: every verdict of every rule, every class of break."""

import pytest

from audit.frames import Judged
from audit.judge import judge
from flows import sources
from flows.editions import load
from flows.intake import steps as intake
from flows.sample import EXTRACTED_ON, write_sample
from tests.flows.extracts import references

VIOLATED, SOFT = {"pass", "violation"}, {"pass", "advisory"}
UNDECIDED, APPLIES_NOT = {"indeterminate"}, {"not_applicable"}
# What the definitions of the rules can say of an extract with all its tables. Left out, for they are too rare to
# count on: a third month (MON-02 to MON-04) or a mild rise (STP-05) that hangs on one censored value.
VERDICTS = {
    "RST-01": VIOLATED | SOFT | UNDECIDED,
    "RST-02": SOFT,
    "RST-03": SOFT | UNDECIDED,
    "RST-04": VIOLATED | UNDECIDED,
    "RST-06": SOFT | UNDECIDED | APPLIES_NOT,
    "RST-07": VIOLATED | UNDECIDED,
    "RST-08": VIOLATED | UNDECIDED,
    "MON-01": VIOLATED | SOFT | APPLIES_NOT,
    "MON-02": VIOLATED | SOFT | APPLIES_NOT,
    "MON-03": VIOLATED | SOFT | APPLIES_NOT,
    "MON-04": VIOLATED | SOFT | APPLIES_NOT,
    "MON-05": VIOLATED | SOFT | UNDECIDED | APPLIES_NOT,
    "STP-01": VIOLATED | UNDECIDED | APPLIES_NOT,
    "STP-02": VIOLATED | UNDECIDED | APPLIES_NOT,
    "STP-03": VIOLATED | UNDECIDED | APPLIES_NOT,
    "STP-04": SOFT | UNDECIDED | APPLIES_NOT,
    "STP-05": SOFT | APPLIES_NOT,
    "STP-06": SOFT | UNDECIDED | APPLIES_NOT,
}
REJECTIONS = {
    *("unknown_unit", "missing_unit", "implausible_value", "unknown_patient", "missing_patient_id"),
    *("missing_collected_at", "date_before_1900", "conflicting_versions", "end_before_start"),
}
BREAKS = {
    *("episode", "unobserved", "new_start", "documented_without_lab", "no_elevation", "short_interruption"),
    "thiopurine_switch",
}


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> intake.Intake:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(2_000, 3, folder / "extract")
    (folder / "work").mkdir()
    return sources.take_in(folder / "extract", folder / "work", EXTRACTED_ON, references())


@pytest.fixture(scope="module")
def judged(taken_in: intake.Intake) -> Judged:
    return judge(taken_in.staged, load(), EXTRACTED_ON)


@pytest.mark.parametrize("rule_id", sorted(VERDICTS))
def test_every_verdict_of_the_rule_is_met(judged: Judged, rule_id: str) -> None:
    findings = judged.findings
    assert set(findings["rule_id"]) == set(VERDICTS), "each rule has its line in VERDICTS"
    assert VERDICTS[rule_id] <= set(findings.filter(findings["rule_id"] == rule_id)["verdict"])


def test_every_class_of_break_is_met(judged: Judged) -> None:
    assert set(judged.breaks["break_class"]) == BREAKS


def test_every_site_and_indication_restarts(judged: Judged) -> None:
    assert {"north", "south", "east", "west", "centre", "coast"} <= set(judged.episodes["site_id"])
    assert {"ibd", "autoimmune_hepatitis", "transplant", "none_coded"} <= set(judged.episodes["indications"])
    assert set(judged.episodes["alternate_day"]) == {True, False, None}


def test_some_rows_are_rejected_for_every_reason_and_far_fewer_than_stop_a_run(taken_in: intake.Intake) -> None:
    assert set(taken_in.rejects["reason"]) >= REJECTIONS
    share = taken_in.conservation["rejected"] / taken_in.conservation["read"]
    assert all(one < 0.02 for one in share)
    for state in ("duplicate", "superseded", "retracted", "after_as_of", "not_needed"):
        assert taken_in.conservation[state].sum() > 0, state


def test_codes_on_no_list_are_there_to_be_counted(taken_in: intake.Intake) -> None:
    assert set(taken_in.unlisted["table_name"]) == {"lab_results", "drug_exposures", "clinical_events"}
