"""Symptom episodes: which symptoms are incident after the restart, and which of them belong together."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who        | day     | what            | value
    all        |         | without         | monitoring, restart
    all        | 0..100  | azathioprine    | 50 mg
    day 0      | 0       | symptom_fatigue |
    day 1      | 1       | symptom_fatigue |
    last dose  | 100     | symptom_fatigue |
    day after  | 101     | symptom_fatigue |
""")
def test_symptoms_count_from_the_day_after_the_restart_to_the_last_dose_day(audited: Audited) -> None:
    assert audited.verdicts("MON-05") == {
        "day 0": "not_applicable",
        "day 1": "violation",
        "last dose": "violation",
        "day after": "not_applicable",
    }


@patients("""
    who               | day | what            | value
    all               | 20  | symptom_fatigue |
    thirty days ago   | -10 | symptom_fatigue |
    longer ago        | -11 | symptom_fatigue |
    another symptom   | -10 | symptom_nausea  |
    twice that day    | 20  | symptom_fatigue |
""")
def test_a_symptom_coded_in_the_thirty_days_before_is_not_new(audited: Audited) -> None:
    assert audited.verdicts("MON-05") == {
        "thirty days ago": "not_applicable",
        "longer ago": "pass",
        "another symptom": "pass",
        "twice that day": "pass",
    }


@patients("""
    day          | what            | value
    20, 45, 70, 99 | symptom_fatigue |
    21           | draw            |
""")
def test_a_symptom_that_goes_on_being_coded_is_new_only_once(audited: Audited) -> None:
    assert audited.verdict("MON-05") == "pass"


@patients("""
    who         | day | what             | value
    all         | 100 | symptom_fatigue  |
    all         | 100 | draw             |
    seven days  | 107 | symptom_nausea   |
    eight days  | 108 | symptom_nausea   |
""")
def test_symptoms_within_a_week_of_the_first_are_one_episode_dated_at_the_first(audited: Audited) -> None:
    assert audited.verdicts("MON-05") == {"seven days": "pass", "eight days": "violation"}


@patients("""
    who    | day | what             | value
    all    | 100 | symptom_fatigue  |
    all    | 100 | draw             |
    all    | 106 | symptom_nausea   |
    two    | 107 | symptom_ruq_pain |
    three  | 110 | symptom_ruq_pain |
""")
def test_a_group_is_measured_from_its_first_symptom_not_from_its_latest(audited: Audited) -> None:
    assert audited.verdicts("MON-05") == {"two": "pass", "three": "violation"}


@patients("""
    who         | day      | what             | value
    all         |          | without          | monitoring
    all         | 100, 109 | draw             |
    all         | 100      | symptom_fatigue  |
    all         | 109      | symptom_nausea   |
    seven days  | 116      | symptom_ruq_pain |
    eight days  | 117      | symptom_ruq_pain |
""")
def test_the_symptom_after_a_group_starts_the_next_which_gathers_its_own_week(audited: Audited) -> None:
    assert audited.verdicts("MON-05") == {"seven days": "pass", "eight days": "violation"}


@patients("""
    who        | day | what             | value
    all        | 100 | symptom_fatigue  |
    all        | 100 | draw             |
    all        | 85  | symptom_nausea   |
    all        | 86  | draw             |
    not new    | 108 | symptom_nausea   |
""")
def test_a_symptom_that_is_not_new_starts_no_episode(audited: Audited) -> None:
    assert audited.verdicts("MON-05") == {"not new": "pass"}
