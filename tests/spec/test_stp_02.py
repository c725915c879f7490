"""STP-02: treatment stops at three times the reference with symptoms."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who     | day | what           | value
    all     | 100 | symptom_nausea |
    alt 119 | 100 | alt            | 119
    alt 120 | 100 | alt            | 120
    ast 119 | 100 | ast            | 119
    ast 120 | 100 | ast            | 120
""")
def test_three_times_the_reference_with_a_symptom_is_a_trigger(audited: Audited) -> None:
    assert audited.verdicts("STP-02") == {
        "alt 119": "not_applicable",
        "alt 120": "violation",
        "ast 119": "not_applicable",
        "ast 120": "violation",
    }


@patients("""
    who      | day | what               | value
    all      | 100 | alt                | 130
    fatigue  | 100 | symptom_fatigue    |
    nausea   | 100 | symptom_nausea     |
    ruq pain | 100 | symptom_ruq_pain   |
    jaundice | 100 | symptom_jaundice   |
    none     |     | standard           |
    ascites  | 100 | ascites            |
""")
def test_fatigue_nausea_pain_and_jaundice_are_the_symptoms(audited: Audited) -> None:
    symptoms = dict.fromkeys(("fatigue", "nausea", "ruq pain", "jaundice"), "violation")
    assert audited.verdicts("STP-02") == {**symptoms, "none": "not_applicable", "ascites": "not_applicable"}


@patients("""
    who          | day | what           | value
    all          | 100 | alt            | 130
    eight before | 92  | symptom_nausea |
    seven before | 93  | symptom_nausea |
    seven after  | 107 | symptom_nausea |
    eight after  | 108 | symptom_nausea |
""")
def test_enzyme_and_symptom_lie_within_a_week_of_each_other(audited: Audited) -> None:
    assert audited.verdicts("STP-02") == {
        "eight before": "not_applicable",
        "seven before": "violation",
        "seven after": "violation",
        "eight after": "not_applicable",
    }


@patients("""
    who                | day | what           | value
    symptom on day 0   | 0   | symptom_nausea |
    symptom on day 0   | 5   | alt            | 130
    symptom on day 1   | 1   | symptom_nausea |
    symptom on day 1   | 5   | alt            | 130
    enzyme on day 0    | 0   | alt            | 130
    enzyme on day 0    | 5   | symptom_nausea |
    enzyme on day 1    | 1   | alt            | 130
    enzyme on day 1    | 5   | symptom_nausea |
""")
def test_both_lie_after_the_restart_day(audited: Audited) -> None:
    assert audited.verdicts("STP-02") == {
        "symptom on day 0": "not_applicable",
        "symptom on day 1": "violation",
        "enzyme on day 0": "not_applicable",
        "enzyme on day 1": "violation",
    }


@patients("""
    who            | day    | what           | value
    all            |        | without        | restart
    symptom later  | 100    | alt            | 130
    symptom later  | 105    | symptom_nausea |
    symptom later  | 0..108 | azathioprine   | 50 mg
    enzyme later   | 105    | alt            | 130
    enzyme later   | 100    | symptom_nausea |
    enzyme later   | 0..108 | azathioprine   | 50 mg
    too late       | 100    | alt            | 130
    too late       | 105    | symptom_nausea |
    too late       | 0..109 | azathioprine   | 50 mg
""")
def test_the_later_of_the_two_is_the_trigger(audited: Audited) -> None:
    assert audited.verdicts("STP-02") == {"symptom later": "pass", "enzyme later": "pass", "too late": "violation"}


@patients("""
    who          | day    | what           | value
    all          |        | without        | restart
    all          | 100    | alt            | 130
    all          | 103    | symptom_nausea |
    day after    | 0..102 | azathioprine   | 50 mg
    two after    | 0..101 | azathioprine   | 50 mg
""")
def test_the_trigger_is_on_drug(audited: Audited) -> None:
    assert audited.verdicts("STP-02") == {"day after": "pass", "two after": "not_applicable"}


@patients("""
    day         | what           | value
    80, 90, 100 | symptom_nausea |
    100         | alt            | 130
""")
def test_a_symptom_that_is_not_new_counts_too(audited: Audited) -> None:
    assert audited.verdict("STP-02") == "violation"


@patients("""
    who  | day      | what           | value
    all  |          | without        | restart
    all  | 0..100   | azathioprine   | 50 mg
    all  | 110..    | azathioprine   | 50 mg
    all  | 100      | alt            | 130
    all  | 100      | symptom_nausea |
    one  |          | standard       |
    two  | 200      | alt            | 130
    two  | 200      | symptom_nausea |
""")
def test_each_trigger_is_judged_and_the_worst_counts(audited: Audited) -> None:
    assert audited.verdicts("STP-02") == {"one": "pass", "two": "violation"}


@patients("""
    who        | day | what           | value
    all        | 100 | symptom_nausea |
    surely     | 100 | alt            | >=120
    maybe      | 100 | alt            | >60
    at most    | 100 | alt            | <=120
    surely not | 100 | alt            | <120
""")
def test_a_censored_enzyme_is_a_trigger_only_without_doubt(audited: Audited) -> None:
    assert audited.verdicts("STP-02") == {
        "surely": "violation",
        "maybe": "indeterminate",
        "at most": "indeterminate",
        "surely not": "not_applicable",
    }


@patients("""
    who       | day       | what           | value
    all       |           | without        | monitoring
    all       | 100       | alt            | 130
    all       | 100       | symptom_nausea |
    day 103   | -900..103 | observed       |
    day 104   | -900..104 | observed       |
""")
def test_while_the_days_of_grace_run_it_is_too_early(audited: Audited) -> None:
    assert audited.verdicts("STP-02") == {"day 103": "indeterminate", "day 104": "violation"}


@patients(
    """
    who      | day | what             | value
    all      | 100 | alt              | 130
    jaundice | 100 | symptom_jaundice |
    nausea   | 100 | symptom_nausea   |
    """,
    stop_symptoms=["fatigue", "nausea", "ruq_pain"],
)
def test_a_site_may_leave_out_jaundice_which_the_article_does_not_name_here(audited: Audited) -> None:
    assert audited.verdicts("STP-02") == {"jaundice": "not_applicable", "nausea": "violation"}
    assert audited.verdicts("MON-05") == {"jaundice": "pass", "nausea": "pass"}
