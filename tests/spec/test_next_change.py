"""next_change_on: the first as-of date on which time alone, with no row changed, may change anything of a finding."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    day    | what     | value
    -900.. | observed |
    125    | as of    |
""")
def test_a_verdict_on_what_lies_before_the_restart_does_not_change_with_time(audited: Audited) -> None:
    assert {audited.finding(f"RST-0{number}", "next_change_on") for number in (1, 2, 3, 4, 6, 7, 8)} == {None}


@patients("""
    who        | day       | what         | value
    all        | 125       | as of        |
    all        |           | without      | restart
    all        | 0..123    | azathioprine | 50 mg
    all        | 120       | alt          | 250
    going on   | -900..    | observed     |
    ended      | -900..125 | observed     |
    ends then  | -900..130 | observed     |
    ends early | -900..129 | observed     |
""")
def test_a_stop_is_known_after_seven_drug_free_days_if_they_will_be_observed(audited: Audited) -> None:
    assert set(audited.verdicts("STP-01").values()) == {"indeterminate"}
    expected = {"going on": 130, "ended": None, "ends then": 130, "ends early": None}
    assert audited.findings("STP-01", "next_change_on") == expected


@patients("""
    who       | day    | what         | value
    all       | 121    | as of        |
    all       | -900.. | observed     |
    all       |        | without      | restart, monitoring
    all       | 120    | alt          | 250
    open      | 0..    | azathioprine | 50 mg
    to 123    | 0..123 | azathioprine | 50 mg
    to 124    | 0..124 | azathioprine | 50 mg
    stopped   | 0..120 | azathioprine | 50 mg
""")
def test_doses_prescribed_beyond_the_grace_will_be_a_violation(audited: Audited) -> None:
    # With the last dose on day 123 the drug is no longer being taken on day 124: the sentence says so then.
    assert set(audited.verdicts("STP-01").values()) == {"indeterminate"}
    expected = {"open": 124, "to 123": 124, "to 124": 124, "stopped": 127}
    assert audited.findings("STP-01", "next_change_on") == expected


@patients("""
    who    | day    | what         | value
    all    | 5      | as of        |
    all    | -900.. | observed     |
    all    |        | without      | restart, monitoring
    open   | 0..    | azathioprine | 50 mg
    to 9   | 0..9   | azathioprine | 50 mg
    to 10  | 0..10  | azathioprine | 50 mg
""")
def test_a_slot_is_missed_when_its_window_ends_within_the_course(audited: Audited) -> None:
    assert set(audited.verdicts("MON-01").values()) == {"not_applicable"}
    # Where the course ends first, its open slots end on the day after it.
    assert audited.findings("MON-01", "next_change_on") == {"open": 10, "to 9": 10, "to 10": 10}


@patients("""
    who      | day            | what         | value
    all      | 90             | as of        |
    all      | -900..         | observed     |
    all      |                | without      | monitoring
    all      | 7..56 by 7, 88 | draw         |
    stable   | 74             | alt          | 25
    unstable | 74             | alt          | 61
""")
def test_once_the_third_month_is_over_only_an_extension_goes_on_changing_it(audited: Audited) -> None:
    assert audited.verdicts("MON-02") == {"stable": "pass", "unstable": "pass"}
    assert audited.findings("MON-02", "next_change_on") == {"stable": None, "unstable": 109}


@patients(
    """
    who      | day            | what         | value
    all      | 80             | as of        |
    all      | -900..         | observed     |
    all      |                | without      | monitoring
    all      | 7..56 by 7     | draw         |
    unstable | 74             | alt          | 61
    """,
    max_extension_blocks=0,
)
def test_where_nothing_can_be_extended_only_the_next_slot_changes_it(audited: Audited) -> None:
    assert audited.findings("MON-02", "next_change_on") == {"unstable": 93}


@patients("""
    who      | day    | what            | value
    all      | 101    | as of           |
    all      | -900.. | observed        |
    all      |        | without         | monitoring
    all      | 100    | symptom_fatigue |
    open     |        | standard        |
    answered | 101    | alt             | 60
    normal   | 101    | alt             | 25
""")
def test_a_symptom_changes_when_its_days_are_over(audited: Audited) -> None:
    assert audited.verdicts("MON-05") == {"open": "indeterminate", "answered": "pass", "normal": "pass"}
    assert audited.findings("MON-05", "next_change_on") == {"open": 103, "answered": None, "normal": None}
    assert audited.verdicts("STP-06") == {
        "open": "not_applicable",
        "answered": "indeterminate",
        "normal": "not_applicable",
    }
    assert audited.findings("STP-06", "next_change_on") == {"open": None, "answered": 108, "normal": None}


@patients("""
    who   | day    | what            | value
    all   | 103    | as of           |
    all   | -900.. | observed        |
    all   |        | without         | monitoring
    all   | 100    | symptom_fatigue |
    soft  |        | standard        |
""")
def test_a_symptom_left_for_three_days_changes_once_more_after_seven(audited: Audited) -> None:
    assert audited.verdicts("MON-05") == {"soft": "advisory"}
    assert audited.findings("MON-05", "next_change_on") == {"soft": 107}


@patients("""
    who      | day    | what            | value
    all      | 107    | as of           |
    all      | -900.. | observed        |
    all      |        | without         | monitoring
    all      | 100    | symptom_fatigue |
    hard     |        | standard        |
    followed | 100    | alt             | 60
""")
def test_a_symptom_left_for_a_week_changes_no_more(audited: Audited) -> None:
    assert audited.verdicts("MON-05") == {"hard": "violation", "followed": "pass"}
    assert audited.findings("MON-05", "next_change_on") == {"hard": None, "followed": None}
    assert audited.verdicts("STP-06") == {"hard": "not_applicable", "followed": "advisory"}
    assert audited.findings("STP-06", "next_change_on") == {"hard": None, "followed": None}


@patients("""
    who      | day    | what         | value
    all      | 229    | as of        |
    all      | -900.. | observed     |
    all      | 200    | alt          | 130
    running  |        | standard     |
""")
def test_a_recurrence_changes_when_the_days_for_the_decision_are_over(audited: Audited) -> None:
    assert audited.verdicts("STP-04") == {"running": "indeterminate"}
    assert audited.findings("STP-04", "next_change_on") == {"running": 230}


@patients("""
    who      | day    | what         | value
    all      | 230    | as of        |
    all      | -900.. | observed     |
    all      | 200    | alt          | 130
    running  |        | standard     |
""")
def test_a_course_continued_after_a_recurrence_changes_no_more(audited: Audited) -> None:
    assert audited.verdicts("STP-04") == {"running": "advisory"}
    assert audited.findings("STP-04", "next_change_on") == {"running": None}


@patients("""
    who     | day    | what         | value
    all     | 10     | as of        |
    all     | -900.. | observed     |
    all     |        | without      | restart
    open    | 0..    | azathioprine | 50 mg QD
    open    | 0..    | azathioprine | 50 mg BID
    ended   | 0..10  | azathioprine | 50 mg QD
    ended   | 0..10  | azathioprine | 50 mg BID
""")
def test_a_renewal_that_runs_on_beside_the_first_record_becomes_a_second_tablet(audited: Audited) -> None:
    assert audited.verdicts("RST-03") == {"open": "pass", "ended": "pass"}
    assert audited.findings("RST-03", "next_change_on") == {"open": 14, "ended": None}


@patients("""
    who      | day    | what         | value
    all      | 110    | as of        |
    all      | -900.. | observed     |
    all      |        | without      | restart
    all      | 100    | alt          | 130
    open     | 0..    | azathioprine | 50 mg
    to 115   | 0..115 | azathioprine | 50 mg
    to 140   | 0..140 | azathioprine | 50 mg
    stopped  | 0..105 | azathioprine | 50 mg
""")
def test_after_a_recurrence_the_end_of_the_course_or_of_the_days_for_the_decision_changes_it(audited: Audited) -> None:
    assert audited.verdicts("STP-04") == {
        "open": "indeterminate",
        "to 115": "indeterminate",
        "to 140": "indeterminate",
        "stopped": "pass",
    }
    expected = {"open": 130, "to 115": 116, "to 140": 130, "stopped": None}
    assert audited.findings("STP-04", "next_change_on") == expected


@patients("""
    who     | day    | what            | value
    all     | 103    | as of           |
    all     | -900.. | observed        |
    all     |        | without         | monitoring, restart
    all     | 100    | symptom_fatigue |
    all     | 101    | alt             | 60
    to 104  | 0..104 | azathioprine    | 50 mg
    to 106  | 0..106 | azathioprine    | 50 mg
    to 107  | 0..107 | azathioprine    | 50 mg
    to 200  | 0..200 | azathioprine    | 50 mg
    stopped | 0..102 | azathioprine    | 50 mg
""")
def test_a_symptom_is_taken_seriously_once_the_course_has_ended_in_time(audited: Audited) -> None:
    assert audited.verdicts("STP-06")["to 104"] == "indeterminate"
    assert audited.verdicts("STP-06")["stopped"] == "pass"
    assert audited.findings("STP-06", "next_change_on") == {
        "to 104": 105,
        "to 106": 107,
        "to 107": 108,
        "to 200": 108,
        "stopped": None,
    }


@patients("""
    who      | day    | what            | value
    all      | 195    | as of           |
    all      | -900.. | observed        |
    all      |        | without         | monitoring, restart
    all      | 190    | alt             | 60
    to 199   | 0..199 | azathioprine    | 50 mg explicit
    open     | 0..    | azathioprine    | 50 mg explicit
    to 195   | 0..195 | azathioprine    | 50 mg explicit
""")
def test_a_stop_is_judged_from_the_day_after_the_last_dose(audited: Audited) -> None:
    assert set(audited.verdicts("STP-05").values()) == {"not_applicable"}
    assert audited.findings("STP-05", "next_change_on") == {"to 199": 200, "open": None, "to 195": 196}


@patients("""
    day    | what         | value
    90     | as of        |
    -900.. | observed     |
""")
def test_on_the_last_day_of_a_stable_block_the_first_monthly_slot_is_next(audited: Audited) -> None:
    assert audited.finding("MON-03", "next_change_on") == 130


@patients(
    """
    day        | what         | value
    100        | as of        |
    -900..     | observed     |
               | without      | monitoring
    7..56 by 7 | draw         |
    74         | alt          | 61
    """,
    max_extension_blocks=1,
)
def test_after_the_last_extension_no_further_block_changes_the_schedule(audited: Audited) -> None:
    assert audited.finding("MON-03", "next_change_on") == 160


@patients("""
    day        | what         | value
    130        | as of        |
    -900..     | observed     |
    100        | alt          | >80
    110        | alt          | 160
""")
def test_a_recurrence_open_by_a_censored_value_is_decided_with_the_certain_one(audited: Audited) -> None:
    assert audited.reason("STP-04") == "censored_value"
    assert audited.finding("STP-04", "next_change_on") == 140


@patients("""
    who      | day    | what         | value
    all      | 130    | as of        |
    all      | -900.. | observed     |
    all      |        | without      | restart
    all      | 120    | alt          | 250
    open     | 0..    | azathioprine | 50 mg
    to 140   | 0..140 | azathioprine | 50 mg
    to 130   | 0..130 | azathioprine | 50 mg
    to 129   | 0..129 | azathioprine | 50 mg
    ends     | 0..    | azathioprine | 50 mg
""")
def test_a_drug_that_was_not_stopped_is_being_taken_until_its_records_end(audited: Audited) -> None:
    assert set(audited.verdicts("STP-01").values()) == {"violation"}
    expected = {"open": None, "to 140": 141, "to 130": 131, "to 129": None, "ends": None}
    assert audited.findings("STP-01", "next_change_on") == expected
    assert audited.findings("STP-05", "next_change_on") == expected


@patients("""
    who     | day       | what         | value
    all     | 160       | as of        |
    all     |           | without      | restart
    all     | 120       | alt          | 250
    closes  | -900..165 | observed     |
    closes  | 0..       | azathioprine | 50 mg
    ends    | -900..165 | observed     |
    ends    | 0..163    | azathioprine | 50 mg
    beyond  | -900..165 | observed     |
    beyond  | 0..190    | azathioprine | 50 mg
    closed  | -900..150 | observed     |
    closed  | 0..190    | azathioprine | 50 mg
""")
def test_it_is_being_taken_until_observation_ends(audited: Audited) -> None:
    assert audited.reasons("STP-04") == dict.fromkeys(("closes", "ends", "beyond", "closed"), "continued")
    expected = {"closes": 165, "ends": 164, "beyond": 165, "closed": None}
    for rule in ("STP-01", "STP-04", "STP-05"):
        assert audited.findings(rule, "next_change_on") == expected


@patients("""
    who      | day        | what         | value
    all      | 25         | as of        |
    all      | -900..     | observed     |
    all      |            | without      | restart, monitoring
    open     | 0..        | azathioprine | 50 mg
    to 30    | 0..30      | azathioprine | 50 mg
    to 31    | 0..31      | azathioprine | 50 mg
    to 59    | 0..59      | azathioprine | 50 mg
    to 24    | 0..24      | azathioprine | 50 mg
""")
def test_a_violation_changes_where_more_of_it_may_come(audited: Audited) -> None:
    # Windows end on days 10, 17, 24 and 31: three were missed, the fourth may be.
    assert set(audited.reasons("MON-01").values()) == {"consecutive_missed"}
    expected = {"open": 31, "to 30": 31, "to 31": 31, "to 59": 31, "to 24": None}
    assert audited.findings("MON-01", "next_change_on") == expected


@patients("""
    who     | day    | what         | value
    all     | 60     | as of        |
    all     | -900.. | observed     |
    all     |        | without      | restart, monitoring
    open    | 0..    | azathioprine | 50 mg
    to 92   | 0..92  | azathioprine | 50 mg
    to 93   | 0..93  | azathioprine | 50 mg
    to 78   | 0..78  | azathioprine | 50 mg
""")
def test_slots_end_on_the_day_after_the_course(audited: Audited) -> None:
    # The windows of the third month end on days 79 and 93, the block that may extend it on day 90.
    assert audited.findings("MON-01", "next_change_on") == dict.fromkeys(("open", "to 92", "to 93", "to 78"), None)
    assert audited.findings("MON-02", "next_change_on") == {"open": 79, "to 92": 79, "to 93": 79, "to 78": 79}
    assert audited.findings("MON-03", "next_change_on") == {"open": 90, "to 92": 90, "to 93": 90, "to 78": 79}


@patients(
    """
    who      | day      | what         | value
    all      | 55       | as of        |
    all      |          | without      | restart, monitoring
    all      | 7..49 by 7 | draw       |
    to 59    | -900..   | observed     |
    to 59    | 0..59    | azathioprine | 50 mg
    to 58    | -900..   | observed     |
    to 58    | 0..58    | azathioprine | 50 mg
    closes   | -900..58 | observed     |
    closes   | 0..58    | azathioprine | 50 mg
    """,
    result_lag_days=5,
)
def test_a_slot_that_the_course_leaves_open_waits_for_no_result(audited: Audited) -> None:
    assert audited.findings("MON-01", "next_change_on") == {"to 59": 64, "to 58": 59, "closes": None}


@patients("""
    who      | day    | what            | value
    all      | 103    | as of           |
    all      | -900.. | observed        |
    all      |        | without         | monitoring, restart
    all      | 100    | symptom_fatigue |
    all      | 101    | alt             | 60
    all      | 102    | draw            |
    to 108   | 0..108 | azathioprine    | 50 mg
    to 109   | 0..109 | azathioprine    | 50 mg
    open     | 0..    | azathioprine    | 50 mg
""")
def test_a_stop_in_time_is_shown_beside_the_draw_that_answered(audited: Audited) -> None:
    assert set(audited.verdicts("STP-06").values()) == {"pass"}
    assert audited.findings("STP-06", "next_change_on") == {"to 108": 109, "to 109": None, "open": None}


@patients("""
    who      | day    | what            | value
    all      | 108    | as of           |
    all      | -900.. | observed        |
    all      |        | without         | monitoring, restart
    all      | 100    | symptom_fatigue |
    all      | 101    | alt             | 60
    to 108   | 0..108 | azathioprine    | 50 mg
    to 109   | 0..109 | azathioprine    | 50 mg
""")
def test_a_stop_on_the_last_day_in_time_is_known_on_the_day_after(audited: Audited) -> None:
    assert set(audited.verdicts("STP-06").values()) == {"advisory"}
    assert audited.findings("STP-06", "next_change_on") == {"to 108": 109, "to 109": None}


@patients("""
    who     | day    | what         | value
    all     | 10     | as of        |
    all     | -900.. | observed     |
    all     |        | without      | restart
    to 13   | 0..    | azathioprine | 50 mg QD
    to 13   | 0..13  | azathioprine | 50 mg BID
    to 14   | 0..    | azathioprine | 50 mg QD
    to 14   | 0..14  | azathioprine | 50 mg BID
""")
def test_a_renewal_that_ends_in_time_never_becomes_a_second_tablet(audited: Audited) -> None:
    assert audited.findings("RST-03", "next_change_on") == {"to 13": None, "to 14": 14}


@patients("""
    day        | what         | value
    105        | as of        |
    -900..     | observed     |
    100        | alt          | >80
    103        | alt          | 160
""")
def test_a_recurrence_is_open_once_the_days_for_a_possible_earlier_one_are_over(audited: Audited) -> None:
    assert audited.reason("STP-04") == "decision_not_due"
    assert audited.finding("STP-04", "next_change_on") == 130
