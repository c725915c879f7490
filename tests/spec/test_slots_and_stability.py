"""Monitoring slots: stable values thin the schedule out, unstable ones extend it."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who      | day | what     | value
    standard |     | standard |
    at       | 75  | alt      | 60
    above    | 75  | alt      | 61
    by ast   | 75  | ast      | 61
""")
def test_a_value_above_one_and_a_half_times_the_reference_is_unstable(audited: Audited) -> None:
    assert audited.episodes("extension_blocks") == {"standard": 0, "at": 0, "above": 1, "by ast": 1}


@patients("""
    who    | day | what | value
    day 60 | 60  | alt  | 61
    day 61 | 61  | alt  | 61
    day 90 | 90  | alt  | 61
    day 91 | 91  | alt  | 61
""")
def test_the_third_month_is_judged_from_day_61_to_day_90(audited: Audited) -> None:
    assert audited.episodes("extension_blocks") == {"day 60": 0, "day 61": 1, "day 90": 1, "day 91": 0}


@patients("""
    who     | day | what | value
    all     | 75  | alt  | 61
    day 91  | 91  | alt  | 61
    day 120 | 120 | ast  | 61
    day 121 | 121 | alt  | 61
""")
def test_then_the_next_thirty_days_are_judged_likewise(audited: Audited) -> None:
    assert audited.episodes("extension_blocks") == {"day 91": 2, "day 120": 2, "day 121": 1}


@patients("""
    who     | day      | what         | value
    all     |          | without      | restart
    all     | 75       | alt          | 61
    all     | 100      | alt          | 61
    day 89  | 0..89    | azathioprine | 50 mg
    day 90  | 0..90    | azathioprine | 50 mg
    day 119 | 0..119   | azathioprine | 50 mg
    day 120 | 0..120   | azathioprine | 50 mg
""")
def test_a_block_extends_only_once_its_thirty_days_have_passed_on_the_course(audited: Audited) -> None:
    assert audited.episodes("extension_blocks") == {"day 89": 0, "day 90": 1, "day 119": 1, "day 120": 2}


@patients("""
    who     | day       | what     | value
    all     | 75        | alt      | 61
    day 89  | -900..89  | observed |
    day 90  | -900..90  | observed |
""")
def test_a_block_extends_only_once_its_thirty_days_have_been_observed(audited: Audited) -> None:
    assert audited.episodes("extension_blocks") == {"day 89": 0, "day 90": 1}


@patients("""
    day                 | what    | value
                        | without | monitoring
    75                  | alt     | 61
    135                 | alt     | 61
""")
def test_a_block_without_a_value_extends_nothing_and_ends_the_extensions(audited: Audited) -> None:
    assert audited.episode("extension_blocks") == 1


@patients("""
    day              | what     | value
    -900..600        | observed |
                     | without  | monitoring
    65..575 by 30    | alt      | 61
""")
def test_at_most_twelve_blocks_extend_the_schedule(audited: Audited) -> None:
    assert audited.episode("extension_blocks") == 12
    assert audited.slots("MON-03")["patient"][0][:2] == (470, 490)


@patients(
    """
    day | what | value
    75  | alt  | 61
    """,
    unstable_extends=False,
)
def test_an_edition_may_leave_the_schedule_as_it_is(audited: Audited) -> None:
    assert audited.episode("extension_blocks") == 0


@patients("""
    day | what | value
    75  | alt  | 61
    100 | alt  | 61
""")
def test_each_block_adds_two_slots_and_moves_all_later_ones_by_thirty_days(audited: Audited) -> None:
    windows = [slot[:2] for slot in audited.slots("MON-02")["patient"]]
    assert windows == [(69, 79), (83, 93), (99, 109), (113, 123), (129, 139), (143, 153)]
    assert [slot[:2] for slot in audited.slots("MON-03")["patient"]] == [(170, 190), (200, 220), (230, 250)]
    assert [slot[:2] for slot in audited.slots("MON-01")["patient"]][-1] == (53, 59)


@patients("""
    who      | day              | what    | value
    all      |                  | without | baseline
    all      | -430, -420, -410 | alt     | 70
    at       | 75               | alt     | 105
    above    | 75               | alt     | 106
""")
def test_stability_is_a_multiple_of_the_effective_reference(audited: Audited) -> None:
    assert audited.episodes("extension_blocks") == {"at": 0, "above": 1}


@patients("""
    who | day | what | value
    at  | 75  | alt  | 45.6/30.4
""")
def test_one_and_a_half_times_is_not_lost_in_floating_point(audited: Audited) -> None:
    assert 45.6 / 30.4 > 1.5
    assert audited.episodes("extension_blocks") == {"at": 0}


@patients("""
    who          | day | what | value
    surely       | 75  | alt  | >60
    at least     | 75  | alt  | >=60
    at most      | 75  | alt  | <=60
    maybe        | 75  | alt  | >50
    maybe higher | 75  | alt  | <61
""")
def test_slots_are_told_for_the_blocks_that_are_unstable_for_certain(audited: Audited) -> None:
    assert audited.episodes("extension_blocks") == {
        "surely": 1,
        "at least": 0,
        "at most": 0,
        "maybe": 0,
        "maybe higher": 0,
    }


@patients("""
    who      | day                              | what    | value
    all      |                                  | without | monitoring
    all      | 7..56 by 7, 74, 88               | draw    |
    maybe    | 75                               | alt     | >50
    maybe    | 120, 150, 180, 270               | draw    |
    both     | 75                               | alt     | >50
    both     | 100, 115, 120, 150, 180, 210, 270| draw    |
    not      | 75                               | alt     | <=60
    not      | 120, 150, 180, 270               | draw    |
    hard     | 75                               | alt     | >50
""")
def test_a_doubtful_block_leaves_a_verdict_open_only_where_it_could_change_it(audited: Audited) -> None:
    assert audited.verdicts("MON-01") == dict.fromkeys(("maybe", "both", "not", "hard"), "pass")
    assert audited.verdicts("MON-02") == {
        "maybe": "indeterminate",
        "both": "pass",
        "not": "pass",
        "hard": "indeterminate",
    }
    assert audited.verdicts("MON-03") == {
        "maybe": "indeterminate",
        "both": "pass",
        "not": "pass",
        "hard": "violation",
    }
    assert audited.verdicts("MON-04")["both"] == "pass"


@patients("""
    who       | day            | what    | value
    standard  |                | standard|
    none      |                | without | monitoring
    one       |                | without | monitoring
    one       | 100            | draw    |
""")
def test_the_longest_gap_between_draws_is_told_from_day_0_to_the_end_of_the_course(audited: Audited) -> None:
    assert audited.to_date("longest_draw_gap_days") == {"standard": 90, "none": 300, "one": 200}


@patients("""
    who      | day      | what         | value
    all      |          | without      | restart
    whole    | 0..      | azathioprine | 50 mg
    paused   | 0..100   | azathioprine | 50 mg
    paused   | 105..    | azathioprine | 50 mg
    missed   | 0..100   | azathioprine | 50 mg
    missed   | 102..    | azathioprine | 50 mg
    doubled  | 0..100   | azathioprine | 50 mg product=A
    doubled  | 0..100   | azathioprine | 50 mg product=B
""")
def test_the_days_covered_are_those_that_a_record_covers(audited: Audited) -> None:
    assert audited.to_date("days_covered") == {"whole": 301, "paused": 297, "missed": 300, "doubled": 101}


@patients("""
    who      | day      | what         | value
    all      |          | without      | restart
    adjoined | 0..100   | azathioprine | 50 mg
    adjoined | 101..    | azathioprine | 50 mg
    overlaid | 0..100   | azathioprine | 50 mg
    overlaid | 90..     | azathioprine | 50 mg
""")
def test_a_day_that_two_records_share_is_covered_once(audited: Audited) -> None:
    assert audited.to_date("days_covered") == {"adjoined": 301, "overlaid": 301}


LAG = """
    who        | day        | what     | value
    all        | {as_of}    | as of    |
    all        |            | without  | monitoring
    all        | 7..49 by 7 | draw     |
    running    | -900..     | observed |
    closed     | -900..59   | observed |
    just short | -900..58   | observed |
"""


@patients(LAG.format(as_of=63), result_lag_days=5)
def test_a_slot_is_not_missed_before_its_results_had_time_to_come(audited: Audited) -> None:
    last = {name: slots.split()[-1] for name, slots in audited.statuses("MON-01").items()}
    assert last == {"running": "not_due", "closed": "not_due", "just short": "not_due"}
    assert set(audited.verdicts("MON-01").values()) == {"pass"}
    assert audited.findings("MON-01", "next_change_on") == {"running": 64, "closed": 64, "just short": None}


@patients(LAG.format(as_of=64), result_lag_days=5)
def test_it_is_missed_once_they_had(audited: Audited) -> None:
    last = {name: slots.split()[-1] for name, slots in audited.statuses("MON-01").items()}
    assert last == {"running": "missed", "closed": "missed", "just short": "not_due"}
    assert audited.verdicts("MON-01") == {"running": "advisory", "closed": "advisory", "just short": "pass"}
    assert audited.findings("MON-01", "next_change_on") == {"running": None, "closed": None, "just short": None}


@patients(LAG.format(as_of=55), result_lag_days=5)
def test_a_window_that_is_not_over_changes_when_its_results_had_time(audited: Audited) -> None:
    assert audited.findings("MON-01", "next_change_on") == {"running": 64, "closed": 64, "just short": None}


@patients(
    """
    who      | day    | what     | value
    all      | 306    | as of    |
    all      | -900.. | observed |
    all      |        | without  | monitoring
    all      | 7..56 by 7, 74, 88, 120, 150, 180 | draw |
    long     |        | standard |
    """,
    result_lag_days=16,
)
def test_the_rolling_slots_wait_for_results_too(audited: Audited) -> None:
    assert audited.statuses("MON-04") == {"long": "not_due"}
    assert audited.findings("MON-04", "next_change_on") == {"long": 307}


@patients(
    """
    who      | day    | what     | value
    all      | 307    | as of    |
    all      | -900.. | observed |
    all      |        | without  | monitoring
    all      | 7..56 by 7, 74, 88, 120, 150, 180 | draw |
    long     |        | standard |
    """,
    result_lag_days=16,
)
def test_a_rolling_slot_is_missed_on_the_day_that_they_had(audited: Audited) -> None:
    assert audited.statuses("MON-04") == {"long": "missed not_due"}
