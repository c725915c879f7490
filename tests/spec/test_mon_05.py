"""MON-05: when symptoms develop, liver enzymes are tested at once."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who         | day | what            | value
    all         | 100 | symptom_fatigue |
    same day    | 100 | draw            |
    three days  | 103 | draw            |
    four days   | 104 | draw            |
    a week      | 107 | draw            |
    eight days  | 108 | draw            |
    never       |     | standard        |
    day before  | 99  | draw            |
""")
def test_a_draw_within_three_days_passes_within_a_week_is_an_advisory_later_a_violation(audited: Audited) -> None:
    assert audited.verdicts("MON-05") == {
        "same day": "pass",
        "three days": "pass",
        "four days": "advisory",
        "a week": "advisory",
        "eight days": "violation",
        "never": "violation",
        "day before": "violation",
    }


@patients("""
    who      | day | what               | value
    fatigue  | 100 | symptom_fatigue    |
    nausea   | 100 | symptom_nausea     |
    ruq pain | 100 | symptom_ruq_pain   |
    jaundice | 100 | symptom_jaundice   |
    ascites  | 100 | ascites            |
    none     |     | standard           |
""")
def test_each_of_four_symptoms_asks_for_a_test(audited: Audited) -> None:
    symptoms = dict.fromkeys(("fatigue", "nausea", "ruq pain", "jaundice"), "violation")
    assert audited.verdicts("MON-05") == {**symptoms, "ascites": "not_applicable", "none": "not_applicable"}


@patients("""
    who      | day       | what            | value
    all      |           | without         | monitoring
    all      | 100       | symptom_fatigue |
    day 102  | -900..102 | observed        |
    day 103  | -900..103 | observed        |
    day 106  | -900..106 | observed        |
    day 107  | -900..107 | observed        |
""")
def test_while_the_days_run_the_verdict_is_open_then_soft_then_hard(audited: Audited) -> None:
    assert audited.verdicts("MON-05") == {
        "day 102": "indeterminate",
        "day 103": "advisory",
        "day 106": "advisory",
        "day 107": "violation",
    }


@patients("""
    day     | what            | value
            | without         | restart
    0..100  | azathioprine    | 50 mg
    100     | symptom_nausea  |
    103     | draw            |
""")
def test_a_draw_after_the_drug_was_stopped_counts(audited: Audited) -> None:
    assert audited.verdict("MON-05") == "pass"


@patients("""
    who                    | day       | what             | value
    all                    |           | without          | monitoring
    all                    | -900..302 | observed         |
    pass                   | 100       | symptom_fatigue  |
    pass                   | 100, 200  | draw             |
    pass                   | 200       | symptom_nausea   |
    pass and open          | 100       | symptom_fatigue  |
    pass and open          | 100       | draw             |
    pass and open          | 300       | symptom_nausea   |
    open and soft          | 100       | symptom_fatigue  |
    open and soft          | 105       | draw             |
    open and soft          | 300       | symptom_nausea   |
    soft and hard          | 100       | symptom_fatigue  |
    soft and hard          | 105       | draw             |
    soft and hard          | 200       | symptom_nausea   |
    open and hard          | 100       | symptom_fatigue  |
    open and hard          | 300       | symptom_nausea   |
""")
def test_the_worst_of_several_symptom_episodes_counts(audited: Audited) -> None:
    assert audited.verdicts("MON-05") == {
        "pass": "pass",
        "pass and open": "indeterminate",
        "open and soft": "advisory",
        "soft and hard": "violation",
        "open and hard": "violation",
    }


@patients(
    """
    who     | day | what            | value
    fatigue | 100 | symptom_fatigue |
    nausea  | 100 | symptom_nausea  |
    """,
    monitor_symptoms=["nausea", "ruq_pain", "jaundice"],
)
def test_a_site_may_leave_a_symptom_out(audited: Audited) -> None:
    assert audited.verdicts("MON-05") == {"fatigue": "not_applicable", "nausea": "violation"}
