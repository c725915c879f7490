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
    assert audited.to_date("observed_to") == {"as of": 240, "ended": 200, "died": 150, "later": 240, "outlived": 200}
    assert audited.to_date("censor_date") == audited.to_date("observed_to")


@patients("""
    who        | day       | what         | value
    all        |           | without      | restart
    stopped    | 0..100    | azathioprine | 50 mg
    running    | 0..       | azathioprine | 50 mg
    prescribed | 0..500    | azathioprine | 50 mg
""")
def test_the_follow_up_ends_with_the_course_or_with_the_observation(audited: Audited) -> None:
    assert audited.to_date("censor_date") == {"stopped": 100, "running": 300, "prescribed": 300}
    assert audited.to_date("last_dose_date") == {"stopped": 100, "running": 300, "prescribed": 300}


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
    assert audited.to_date("observed_to") == {"patient": 130}
    assert audited.verdict("STP-01") == "violation"
    assert audited.verdict("MON-03") == "pass"
    assert audited.statuses("MON-03")["patient"] == "met not_due not_due"


@patients("""
    who       | day    | what      | value
    all       | 240    | as of     |
    all       | 200    | extracted |
    all       | -900.. | observed  |
    last day  | 200    | alt       | 250
    day after | 201    | alt       | 250
""")
def test_the_observation_ends_with_the_extract(audited: Audited) -> None:
    assert audited.to_date("observed_to") == {"last day": 200, "day after": 200}
    assert audited.verdicts("STP-01") == {"last day": "indeterminate", "day after": "not_applicable"}


@patients("""
    day    | what      | value
    240    | as of     |
    300    | extracted |
    -900.. | observed  |
""")
def test_an_extract_taken_after_the_as_of_date_ends_nothing(audited: Audited) -> None:
    assert audited.to_date("observed_to") == {"patient": 240}


@patients("""
    day     | what      | value
    50000   | as of     |
    60      | extracted |
    -900..  | observed  |
            | without   | monitoring
    7..56 by 7 | draw   |
""")
def test_an_extract_that_is_audited_long_after_it_was_taken_shows_no_invented_violation(audited: Audited) -> None:
    assert audited.verdicts("MON-01") == {"patient": "pass"}
    assert audited.verdicts("MON-02") == {"patient": "not_applicable"}
    assert audited.verdicts("MON-04") == {"patient": "not_applicable"}


@patients("""
    who      | day    | what         | value
    all      | 300    | as of        |
    all      | -900.. | observed     |
    sixty  | 210    | died         |
    longer  | 209    | died         |
""")
def test_a_draw_more_than_sixty_days_after_a_death_contradicts_it(audited: Audited) -> None:
    assert audited.to_date("observed_to") == {"sixty": 210, "longer": 300}
    assert audited.episodes("death_note") == {"sixty": None, "longer": "contradicted_death_date"}


@patients("""
    who      | day      | what           | value
    all      | 300      | as of          |
    all      | -900..   | observed       |
    all      |          | without        | monitoring
    sixty  | 150      | died           |
    sixty  | 210..    | azathioprine   | 50 mg
    longer  | 149      | died           |
    longer  | 210..    | azathioprine   | 50 mg
    another  | 149      | died           |
    another  | 210..    | mercaptopurine |
    another  | 210      | alp            | 100/120
    another  | 210      | ibd            |
""")
def test_so_does_a_start_of_the_audited_drug_and_no_other_row(audited: Audited) -> None:
    assert audited.to_date("observed_to") == {"sixty": 150, "longer": 300, "another": 149}


@patients("""
    who      | day    | what     | value
    all      | 269    | as of    |
    all      | -900.. | observed |
    longer  | 209    | died     |
""")
def test_a_row_after_the_as_of_date_contradicts_no_death(audited: Audited) -> None:
    assert audited.to_date("observed_to") == {"longer": 209}


@patients("""
    who      | day    | what      | value
    all      | 300    | as of     |
    all      | 269    | extracted |
    all      | -900.. | observed  |
    longer  | 209    | died      |
""")
def test_a_row_after_the_extract_contradicts_no_death(audited: Audited) -> None:
    assert audited.to_date("observed_to") == {"longer": 209}


@patients("""
    who        | day       | what         | value
    all        | 300       | as of        |
    a day less | -900..    | observed     |
    a day less | -901      | died         |
    first day  | -900..    | observed     |
    first day  | -900      | died         |
    born after | -900..    | observed     |
    born after | 295       | died         |
    born after |           | born         | 2024
    born then  | -900..    | observed     |
    born then  | 295       | died         |
    born then  |           | born         | 2023
    year 1900  | -50000..  | observed     |
    year 1900  | -44984    | died         |
    year 1900  |           | born         | 1850
    next day   | -50000..  | observed     |
    next day   |           | born         | 1850
    next day   | -44983    | died         |
""")
def test_a_death_before_the_observation_the_birth_or_1900_01_02_is_not_used(audited: Audited) -> None:
    assert audited.episodes("death_note") == {
        "a day less": "implausible_death_date",
        "first day": "contradicted_death_date",
        "born after": "implausible_death_date",
        "born then": None,
        "year 1900": "implausible_death_date",
        "next day": "contradicted_death_date",
    }
    others = dict.fromkeys(("a day less", "first day", "born after", "year 1900", "next day"), 300)
    assert audited.to_date("observed_to") == {**others, "born then": 295}


@patients("""
    who      | day    | what     | value
    all      | 300    | as of    |
    all      | -900.. | observed |
    before   | -1000  | died     |
    draw     | -800   | died     |
    used     | 290    | died     |
""")
def test_every_finding_tells_the_death_that_was_not_used_and_why(audited: Audited) -> None:
    before = " The death dated 2020-06-04 was not used: it lies before the observation began on 2020-09-12."
    drawn = " The death dated 2020-12-21 was not used: a draw on 2021-12-26 lies more than 60 days after it."
    for rule in ("RST-01", "MON-01", "STP-06"):
        said = audited.findings(rule, "message")
        assert said["before"] == said["used"] + before
        assert said["draw"] == said["used"] + drawn


@patients("""
    who   | day    | what         | value
    all   | 100    | as of        |
    all   | -900.. | observed     |
    draw  | -125   | died         |
    start | -125   | died         |
    start | -64..-31 | azathioprine | 50 mg
""")
def test_the_first_contradiction_is_told_whichever_row_it_is(audited: Audited) -> None:
    first = {name: said.split("not used: ")[1] for name, said in audited.findings("RST-01", "message").items()}
    assert first == {
        "draw": "a draw on 2023-01-25 lies more than 60 days after it.",
        "start": "a start of azathioprine on 2022-12-27 lies more than 60 days after it.",
    }


@patients("""
    who     | day       | what         | value
    all     | 200       | as of        |
    all     |           | without      | restart
    runs    | -900..    | observed     |
    runs    | 0..       | azathioprine | 50 mg
    ended   | -900..    | observed     |
    ended   | 0..199    | azathioprine | 50 mg
    closed  | -900..200 | observed     |
    closed  | 0..       | azathioprine | 50 mg
    closes  | -900..201 | observed     |
    closes  | 0..       | azathioprine | 50 mg
    both    | -900..190 | observed     |
    both    | 0..150    | azathioprine | 50 mg
""")
def test_what_moves_with_the_day_stands_in_the_episode_once_it_moves_no_more(audited: Audited) -> None:
    whole = {"runs": 200, "ended": 199, "closed": 200, "closes": 200, "both": 150}
    for column in ("last_dose_date", "censor_date"):
        assert audited.to_date(column) == whole
        assert audited.episodes(column) == {**whole, "runs": None, "closes": None}
    assert audited.to_date("observed_to") == {**dict.fromkeys(whole, 200), "both": 190}
    still = dict.fromkeys(("runs", "ended", "closes"))
    assert audited.episodes("observed_to") == {**still, "closed": 200, "both": 190}
    covered = {name: days + 1 for name, days in whole.items()}
    assert audited.to_date("days_covered") == covered
    assert audited.episodes("days_covered") == {**covered, "runs": None, "closes": None}
    # The draws of days 88, 120, 150 and 180: the longest stretch is that between the first two.
    gaps = dict.fromkeys(whole, 32)
    assert audited.to_date("longest_draw_gap_days") == gaps
    assert audited.episodes("longest_draw_gap_days") == {**gaps, "runs": None, "closes": None}
