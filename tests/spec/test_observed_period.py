"""The observed period: nothing after its end exists, what lies before its start does."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who     | day       | what     | value
    all     | 240       | as of    |
    as of   | -900..    | observed |
    ended   | -900..200 | observed |
    died    | -900..    | observed |
    died    | 150       | died     |
    later   | -900..250 | observed |
    outlived| -900..200 | observed |
    outlived| 220       | died     |
""")
def test_the_observation_ends_with_the_feed_with_death_or_with_the_audit(audited: Audited) -> None:
    assert audited.episodes("observed_to") == {"as of": 240, "ended": 200, "died": 150, "later": 240, "outlived": 200}
    assert audited.episodes("censor_date") == audited.episodes("observed_to")


@patients("""
    who        | day       | what         | value
    all        |           | without      | restart
    stopped    | 0..100    | azathioprine | 50 mg
    running    | 0..       | azathioprine | 50 mg
    prescribed | 0..500    | azathioprine | 50 mg
""")
def test_the_follow_up_ends_with_the_course_or_with_the_observation(audited: Audited) -> None:
    assert audited.episodes("censor_date") == {"stopped": 100, "running": 300, "prescribed": 300}
    assert audited.episodes("last_dose_date") == {"stopped": 100, "running": 300, "prescribed": 300}


@patients("""
    who    | day       | what     | value
    day 0  | -900..0   | observed |
    sooner | -900..-1  | observed |
""")
def test_a_restart_after_the_last_observed_day_has_not_happened(audited: Audited) -> None:
    assert audited.restarts() == {"day 0": [0], "sooner": []}
    assert audited.breaks()["sooner"] == []


@patients("""
    who       | day       | what | value
    last day  | 300       | alt  | 250
    day after | 301       | alt  | 250
""")
def test_a_result_after_the_last_observed_day_does_not_exist(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {"last day": "indeterminate", "day after": "not_applicable"}


@patients("""
    who       | day       | what            | value
    all       |           | without         | monitoring, restart
    all       | -900..200 | observed        |
    all       | 0..197    | azathioprine    | 50 mg
    all       | 197       | symptom_fatigue |
    last day  | 200       | draw            |
    day after | 201       | draw            |
""")
def test_a_draw_after_the_last_observed_day_answers_no_symptom(audited: Audited) -> None:
    assert audited.verdicts("MON-05") == {"last day": "pass", "day after": "advisory"}


@patients("""
    who       | day       | what                    | value
    all       | -900..0   | observed                |
    all       | -35       | alt                     | 240
    last day  | 0         | benefit_risk_documented |
    none      |           | standard                |
""")
def test_an_event_of_the_last_observed_day_exists(audited: Audited) -> None:
    assert audited.verdicts("RST-06") == {"last day": "pass", "none": "advisory"}


@patients("""
    who       | day       | what            | value
    all       | 298       | alt             | 130
    last day  | 300       | symptom_fatigue |
    day after | 301       | symptom_fatigue |
""")
def test_an_event_after_the_last_observed_day_does_not_exist(audited: Audited) -> None:
    assert audited.verdicts("STP-02") == {"last day": "indeterminate", "day after": "not_applicable"}


@patients("""
    who       | day       | what           | value
    all       |           | without        | restart, monitoring
    last day  | 300..     | mercaptopurine |
    day after | 301..     | mercaptopurine |
""")
def test_an_exposure_after_the_last_observed_day_does_not_exist(audited: Audited) -> None:
    assert audited.breaks() == {"last day": [(-30, None, "thiopurine_switch")], "day after": []}


@patients("""
    who       | day       | what         | value
    all       | 100       | alt          | 130
    all       |           | without      | restart
    all       | 0..100    | azathioprine | 50 mg
    last day  | 300..     | azathioprine | 50 mg
    day after | 301..     | azathioprine | 50 mg
""")
def test_a_further_course_after_the_last_observed_day_does_not_exist(audited: Audited) -> None:
    assert audited.verdicts("STP-04") == {"last day": "advisory", "day after": "pass"}


@patients("""
    day       | what                 | value
    -40..300  | observed             |
    -50       | alt                  | 100
    -300      | alt                  | 480
    -400      | ibd                  |
""")
def test_rows_before_the_observation_began_are_used(audited: Audited) -> None:
    assert audited.episode("onset_date") == -50
    assert audited.episode("any_prior_severe") is True
    assert audited.episode("indications") == "ibd"


@patients("""
    day       | what     | value
    -900..    | observed |
    130       | as of    |
    120       | alt      | 250
    200       | alt      | 250
""")
def test_a_past_as_of_date_sees_only_what_had_happened(audited: Audited) -> None:
    assert audited.episode("observed_to") == 130
    assert audited.verdict("STP-01") == "violation"
    assert audited.verdict("MON-03") == "pass"
    assert audited.statuses("MON-03")["patient"] == "met not_due not_due"
