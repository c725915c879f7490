"""The response to a trigger: the drug is left off within the days of grace, for long enough to see it."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who      | day    | what         | value
    all      |        | without      | restart
    all      | 120    | alt          | 250
    same day | 0..120 | azathioprine | 50 mg
    day 123  | 0..123 | azathioprine | 50 mg
    day 124  | 0..124 | azathioprine | 50 mg
    ongoing  | 0..    | azathioprine | 50 mg
""")
def test_a_last_dose_up_to_three_days_after_the_trigger_is_immediate(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {
        "same day": "pass",
        "day 123": "pass",
        "day 124": "violation",
        "ongoing": "violation",
    }


@patients("""
    who     | day       | what         | value
    all     |           | without      | restart
    all     | 120       | alt          | 250
    all     | 0..123    | azathioprine | 50 mg
    day 129 | -900..129 | observed     |
    day 130 | -900..130 | observed     |
""")
def test_a_stop_is_known_once_seven_drug_free_days_have_been_observed(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {"day 129": "indeterminate", "day 130": "pass"}
    assert audited.reasons("STP-01")["day 129"] == "too_early"


@patients("""
    who     | day       | what         | value
    all     |           | without      | restart
    all     | 120       | alt          | 250
    all     | 0..       | azathioprine | 50 mg
    day 123 | -900..123 | observed     |
    day 124 | -900..124 | observed     |
""")
def test_while_the_days_of_grace_run_it_is_too_early(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {"day 123": "indeterminate", "day 124": "violation"}
    assert audited.reasons("STP-01")["day 123"] == "too_early"


@patients("""
    who      | day    | what         | value
    all      |        | without      | restart
    all      | 120    | alt          | 250
    all      | 0..121 | azathioprine | 50 mg
    six days | 128..  | azathioprine | 50 mg
    seven    | 129..  | azathioprine | 50 mg
    thirteen | 135..  | azathioprine | 50 mg
""")
def test_an_interruption_of_six_days_is_none_of_seven_it_is(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {"six days": "violation", "seven": "pass", "thirteen": "pass"}
    assert audited.restarts() == {"six days": [0], "seven": [0], "thirteen": [0]}


@patients("""
    who       | day      | what         | value
    all       |          | without      | restart
    all       | 0..121   | azathioprine | 50 mg
    day after | 122      | alt          | 250
    paused    | 122      | alt          | 250
    paused    | 125..    | azathioprine | 50 mg
""")
def test_the_day_after_a_covered_day_belongs_to_its_run(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {"day after": "pass", "paused": "violation"}


@patients("""
    who      | day      | what         | value
    all      |          | without      | restart
    all      | 0..121   | azathioprine | 50 mg
    all      | 129..    | azathioprine | 50 mg
    first    | 120      | alt          | 250
    second   | 129      | alt          | 250
""")
def test_each_run_is_judged_by_its_own_end(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {"first": "pass", "second": "violation"}


@patients("""
    who    | day       | what         | value
    all    |           | without      | restart
    all    | 120       | alt          | 250
    early  | 0..124    | azathioprine | 50 mg
    early  | -900..124 | observed     |
""")
def test_a_dose_after_the_grace_is_a_violation_however_little_was_observed(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {"early": "violation"}
