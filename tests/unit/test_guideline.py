import re
from pathlib import Path

import pytest

from audit.errors import GuidelineError
from audit.guideline import overlay
from flows.editions import load
from flows.shipped import EDITIONS

RULES_PARAMETERS = [
    "min_break_days",
    "max_break_days",
    "index_elevation_window_before_stop",
    "index_elevation_window_after_stop",
    "index_elevation_min_x_ref",
    "documented_reason_min_x_ref",
    "renewal_overlap_days",
    "injury_run_max_days",
    "baseline_lookback_days",
    "baseline_last_n",
    "incident_washout_days",
    "baseline_max_x_uln",
    "abnormal_baseline_min_x_uln",
    "baseline_reference_mode",
    "return_to_baseline_factor",
    "prerestart_lab_max_age_days",
    "normalisation_requires",
    "grade_moderate_min_x_uln",
    "grade_severe_gt_x_uln",
    "r_hepatocellular_min",
    "r_cholestatic_max",
    "alp_pairing_days",
    "dose_same_tolerance",
    "workup_window_before_onset",
    "inr_decompensation_min",
    "tolerance_weekly",
    "tolerance_biweekly",
    "tolerance_monthly",
    "tolerance_quarterly",
    "hard_consecutive_missed",
    "hard_total_missed",
    "long_term_window_days",
    "stability_max_x_ref",
    "unstable_extends",
    "max_extension_blocks",
    "symptom_lft_pass_days",
    "symptom_lft_soft_days",
    "symptom_washout_days",
    "symptom_merge_days",
    "stop_multiple",
    "stop_absolute_u_l",
    "stop_symptom_multiple",
    "stop_bili_enzyme_multiple",
    "stop_bili_multiple",
    "stop_symptoms",
    "stop_symptom_window_days",
    "stop_bili_window_days",
    "stop_grace_days",
    "assumed_supply_days",
    "interrupt_min_days",
    "recurrence_min_x_ref",
    "recurrence_decision_days",
    "pitfall_followup_days",
    "overdiscontinuation_lookback_days",
    "death_slack_days",
    "inpatient_labs_captured",
    "result_lag_days",
    "ratio_epsilon",
]


@pytest.fixture
def guideline():
    return load()


def test_every_parameter_of_the_rules_is_data_of_the_edition(guideline):
    assert set(RULES_PARAMETERS) <= set(guideline.parameters)


def test_every_parameter_says_where_it_comes_from(guideline):
    for parameter in guideline.parameters.values():
        assert parameter.unit and parameter.statement and parameter.source and parameter.locator and parameter.evidence
        assert parameter.reviewed_on < parameter.review_due


def test_every_parameter_is_read_by_the_code(guideline):
    root = Path(__file__).parents[2]
    paths = [path for part in ("audit", "flows") for path in (root / part).rglob("*.py")]
    # The list of all parameters reads none of them.
    code = "".join(path.read_text() for path in paths if path != root / "audit" / "parameters.py")
    scheduled = {phase.tolerance for phase in guideline.schedule.phases} | {guideline.schedule.long_term.tolerance}
    unread = [n for n in guideline.parameters if f'"{n}"' not in code and n not in scheduled]
    assert unread == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"no_such_name": 1}, "unknown parameter 'no_such_name'"),
        ({"min_break_days": -1}, "'min_break_days' must be at least 1"),
        ({"symptom_merge_days": -1}, "'symptom_merge_days' must be at least 0"),
        ({"min_break_days": 14.5}, "'min_break_days' must be a whole number"),
        ({"min_break_days": "14"}, "'min_break_days' must be a whole number"),
        ({"min_break_days": True}, "'min_break_days' must be a whole number"),
        ({"stop_multiple": "five"}, "'stop_multiple' must be a number"),
        ({"stop_multiple": float("nan")}, "'stop_multiple' must be finite"),
        ({"stop_multiple": float("inf")}, "'stop_multiple' must be finite"),
        ({"recurrence_min_x_ref": 0}, "'recurrence_min_x_ref' must be above 0"),
        ({"unstable_extends": 1}, "'unstable_extends' must be true or false"),
        ({"normalisation_requires": "one"}, "'normalisation_requires' must be one of both, alt_only, either"),
        ({"stop_symptoms": ["headache"]}, "'stop_symptoms' does not know headache"),
        ({"stop_symptoms": "nausea"}, "'stop_symptoms' must be a list of names"),
        ({"audited_drug": 7}, "'audited_drug' must be a concept name"),
        ({"audited_drug": ""}, "'audited_drug' must be a concept name"),
        ({"other_thiopurines": "x"}, "'other_thiopurines' must be a list of names"),
        ({"grade_moderate_min_x_uln": 10.5}, "'grade_moderate_min_x_uln' (10.5) is above 'grade_severe_gt_x_uln' (10)"),
        ({"max_break_days": 13}, "'min_break_days' (14) is above 'max_break_days' (13)"),
    ],
)
def test_an_impossible_overlay_is_an_error_that_names_it(guideline, values, words):
    with pytest.raises(GuidelineError, match=re.escape(words)):
        overlay(guideline, values)


def test_an_overlay_changes_only_what_it_names(guideline):
    changed = overlay(guideline, {"stop_multiple": 4, "audited_drug": "atorvastatin"})
    assert changed["stop_multiple"].value == 4.0
    assert changed.audited_drug == "atorvastatin"
    assert changed.overlaid == ("audited_drug", "stop_multiple")
    assert changed["stop_grace_days"] == guideline["stop_grace_days"]
    assert guideline["stop_multiple"].value == 5.0


def test_the_hash_is_of_the_values_and_nothing_else(guideline):
    assert load().hash == guideline.hash
    assert overlay(guideline, {"stop_multiple": 5}).hash == guideline.hash
    assert overlay(guideline, {"stop_multiple": 5.1}).hash != guideline.hash
    assert overlay(guideline, {"audited_drug": "x"}).hash != guideline.hash
    assert guideline.model_copy(update={"named": "another"}).hash == guideline.hash


def test_names_in_another_order_are_the_same_edition(guideline):
    names = ["nausea", "fatigue"]
    assert overlay(guideline, {"stop_symptoms": names}).hash == overlay(guideline, {"stop_symptoms": names[::-1]}).hash


def test_an_unknown_parameter_or_edition_is_named(guideline):
    with pytest.raises(GuidelineError, match="no parameter 'nothing'"):
        _ = guideline["nothing"]
    with pytest.raises(GuidelineError, match=r"no guideline edition .bsr1999. \(known: .*dr-oracle-2025"):
        load("bsr1999")


def test_every_committed_edition_loads():
    for path in EDITIONS.glob("*.toml"):
        assert load(path).id == path.stem, f"the id in {path.name} is the name of the file"


@pytest.mark.parametrize("value", [10**400, -(10**400), float("inf"), float("nan")])
def test_a_number_without_end_is_no_value_of_a_parameter(value: float) -> None:
    with pytest.raises(GuidelineError, match="return_to_baseline_factor"):
        overlay(load(), {"return_to_baseline_factor": value})
