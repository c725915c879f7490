"""Extracts that lack an optional table: what cannot be judged is left open, never passed."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    day | what    | value
        | without | clinical_events
""")
def test_without_events_symptoms_and_decompensation_cannot_be_judged(audited: Audited) -> None:
    open_rules = ("RST-08", "MON-05", "STP-06")
    assert {rule: audited.verdict(rule) for rule in open_rules} == dict.fromkeys(open_rules, "indeterminate")


@patients("""
    day | what    | value
        | without | clinical_events
""")
def test_without_events_all_else_is_judged_as_ever(audited: Audited) -> None:
    passed = ("RST-01", "RST-03", "RST-04", "RST-07", "MON-01", "MON-02", "MON-03", "MON-04")
    assert {rule: audited.verdict(rule) for rule in passed} == dict.fromkeys(passed, "pass")
    nothing = ("RST-06", "STP-01", "STP-02", "STP-03", "STP-04", "STP-05")
    assert {rule: audited.verdict(rule) for rule in nothing} == dict.fromkeys(nothing, "not_applicable")
    assert audited.episode("baseline_alt_status") == "normal"


@patients("""
    who  | day | what    | value
    all  |     | without | clinical_events
    all  |     | without | work-up
    labs | -33 | hbsag   |
    labs | -33 | hcv_rna |
    labs | -33 | igg     | 12
    two  | -33 | hbsag   |
    two  | -33 | hcv_rna |
""")
def test_without_events_the_workup_is_judged_by_what_the_labs_show(audited: Audited) -> None:
    assert audited.verdicts("RST-02") == {"labs": "advisory", "two": "advisory"}
    assert audited.episodes("workup_score") == {"labs": 3, "two": 2}


@patients("""
    who      | day | what    | value
    all      |     | without | clinical_events
    mild     | -35 | alt     | 160
    moderate | -35 | alt     | 240
    open     | -35 | alt     | >240
    severe   | -35 | alt     | 480
""")
def test_without_events_a_moderate_injury_leaves_the_benefit_open(audited: Audited) -> None:
    assert audited.verdicts("RST-06") == {
        "mild": "not_applicable",
        "moderate": "indeterminate",
        "open": "indeterminate",
        "severe": "not_applicable",
    }


@patients("""
    who     | day | what            | value
    all     |     | without         | clinical_events
    decided | -20 | inr             | 2.0
    decided | -20 | bilirubin_total | 3.0
    normal  | -20 | inr             | 1.1
    normal  | -20 | bilirubin_total | 3.0
""")
def test_without_events_the_inr_may_still_show_decompensation(audited: Audited) -> None:
    assert audited.verdicts("RST-08") == {"decided": "violation", "normal": "indeterminate"}


@patients("""
    who        | day | what    | value
    all        |     | without | clinical_events
    below 3    | 100 | alt     | 119
    at 3       | 100 | alt     | 120
    maybe      | 100 | alt     | >60
    before     | 0   | alt     | 130
""")
def test_without_events_an_enzyme_that_reaches_three_times_leaves_its_symptoms_open(audited: Audited) -> None:
    assert audited.verdicts("STP-02") == {
        "below 3": "not_applicable",
        "at 3": "indeterminate",
        "maybe": "indeterminate",
        "before": "not_applicable",
    }


@patients("""
    who      | day      | what         | value
    all      |          | without      | clinical_events, restart, monitoring
    all      | 0..199   | azathioprine | 50 mg explicit
    once     | 190      | alt          | 60
    repeated | 190, 195 | alt          | 60
    normal   | 190      | alt          | 25
    trigger  | 190      | alt          | 250
""")
def test_without_events_a_stop_for_a_mild_rise_is_left_open(audited: Audited) -> None:
    assert audited.verdicts("STP-05") == {
        "once": "indeterminate",
        "repeated": "indeterminate",
        "normal": "not_applicable",
        "trigger": "not_applicable",
    }


@patients("""
    day | what    | value
        | without | clinical_events
""")
def test_without_events_what_they_would_tell_is_unknown(audited: Audited) -> None:
    assert audited.episode("autoimmune_hepatitis") is None
    assert audited.episode("indications") is None


@patients(
    """
    day                 | what    | value
                        | without | inpatient_stays, monitoring
    7, 21..56 by 7      | draw    |
    """,
    inpatient_labs_captured=False,
)
def test_without_stays_nothing_is_excused(audited: Audited) -> None:
    assert audited.verdict("MON-01") == "advisory"


@patients("""
    day | what    | value
        | without | inpatient_stays
""")
def test_without_stays_all_is_judged_as_ever(audited: Audited) -> None:
    assert {audited.verdict(rule) for rule in ("MON-01", "MON-02", "MON-03", "MON-04", "RST-01")} == {"pass"}
