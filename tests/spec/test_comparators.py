"""Censored values: a verdict stands only where every possible true value gives the same one."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    day | what    | value
        | without | injury
    -35 | alt     | >400/40
""")
def test_above_400_at_a_limit_of_40_is_more_than_ten_times(audited: Audited) -> None:
    assert (audited.episode("grade"), audited.verdict("RST-07")) == ("severe", "violation")


@patients("""
    who      | day | what    | value
    all      |     | without | recovery
    all      | -3  | ast     | 28
    below    | -3  | alt     | <35/40
    at limit | -3  | alt     | <40/40
    beyond   | -3  | alt     | <41/40
""")
def test_below_a_number_within_the_limit_is_normal(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {"below": "pass", "at limit": "pass", "beyond": "indeterminate"}


@patients("""
    who          | day | what | value
    exact        | 100 | alt  | >100
    exact        | 100 | alt  | 250
    lower bound  | 100 | alt  | 60
    lower bound  | 100 | alt  | >250
    still open   | 100 | alt  | >100
    still open   | 100 | alt  | 190
    nothing new  | 100 | alt  | <150
    nothing new  | 100 | alt  | 190
""")
def test_of_several_results_of_a_day_a_certain_one_decides_where_it_can(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {
        "exact": "violation",
        "lower bound": "violation",
        "still open": "indeterminate",
        "nothing new": "not_applicable",
    }


@patients("""
    who      | day       | what     | value
    all      | 290       | alt      | >100
    too soon | -900..292 | observed |
    later    | -900..294 | observed |
""")
def test_a_doubtful_trigger_leaves_it_open_whether_its_response_is_due_or_not(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {"too soon": "indeterminate", "later": "indeterminate"}


@patients("""
    day        | what    | value
               | without | monitoring
    7, 14      | alt     | <10
    21..56 by 7 | ast    | >10
""")
def test_draws_that_are_all_censored_still_meet_their_slots(audited: Audited) -> None:
    assert audited.verdict("MON-01") == "pass"


@patients("""
    who      | day | what            | value
    all      | 100 | symptom_nausea  |
    all      | 100 | alt             | 130
    response | 100 | bilirubin_total | >1.0
""")
def test_a_certain_trigger_is_judged_though_another_is_doubtful(audited: Audited) -> None:
    assert audited.verdicts("STP-02") == {"response": "violation"}
    assert audited.verdicts("STP-03") == {"response": "indeterminate"}
    assert audited.verdicts("STP-04") == {"response": "advisory"}


@patients("""
    who          | day    | what         | value
    all          |        | without      | restart
    all          | 0..100 | azathioprine | 50 mg
    all          | 95     | alt          | >100
    stopped      |        | standard     |
    third course | 150..  | azathioprine | 25 mg
""")
def test_a_doubtful_recurrence_leaves_the_verdict_on_it_open(audited: Audited) -> None:
    assert audited.verdicts("STP-04") == {"stopped": "indeterminate", "third course": "indeterminate"}


@patients("""
    who    | day | what | value
    below  | 100 | alt  | <500/250
    lowest | 100 | alt  | <=500/250
    not    | 100 | alt  | <499/250
    least  | 100 | alt  | >=500/250
""")
def test_units_are_judged_by_their_bounds_too(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {
        "below": "not_applicable",
        "lowest": "indeterminate",
        "not": "not_applicable",
        "least": "violation",
    }
