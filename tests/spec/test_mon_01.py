"""MON-01: liver enzymes weekly for the first two months."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    day | what     | value
        | standard |
""")
def test_eight_weekly_draws_pass(audited: Audited) -> None:
    assert audited.verdict("MON-01") == "pass"
    assert audited.slots("MON-01")["patient"] == [(7 * week - 3, 7 * week + 3, "met", 7 * week) for week in range(1, 9)]


@patients("""
    who         | day            | what    | value
    all         |                | without | monitoring
    all         | 14..56 by 7    | draw    |
    day 3       | 3              | draw    |
    day 4       | 4              | draw    |
    day 10      | 10             | draw    |
""")
def test_a_weekly_draw_counts_three_days_early_and_three_days_late(audited: Audited) -> None:
    assert audited.verdicts("MON-01") == {"day 3": "advisory", "day 4": "pass", "day 10": "pass"}


@patients("""
    who    | day         | what    | value
    all    |             | without | monitoring
    all    | 7..49 by 7  | draw    |
    day 59 | 59          | draw    |
    day 60 | 60          | draw    |
""")
def test_the_last_weekly_draw_counts_to_day_59(audited: Audited) -> None:
    assert audited.verdicts("MON-01") == {"day 59": "pass", "day 60": "advisory"}


@patients("""
    who   | day                    | what    | value
    all   |                        | without | monitoring
    one   | 7, 21, 28, 35, 42, 49, 56  | draw |
    two   | 7, 21, 28, 42, 49, 56  | draw    |
    three | 7, 21, 35, 49, 56      | draw    |
""")
def test_one_or_two_scattered_weeks_missed_are_an_advisory_three_a_violation(audited: Audited) -> None:
    assert audited.verdicts("MON-01") == {"one": "advisory", "two": "advisory", "three": "violation"}


@patients("""
    who        | day                   | what    | value
    all        |                       | without | monitoring
    neighbours | 7, 28, 35, 42, 49, 56 | draw    |
    apart      | 7, 21, 35, 42, 49, 56 | draw    |
""")
def test_two_neighbouring_weeks_missed_are_a_violation(audited: Audited) -> None:
    assert audited.verdicts("MON-01") == {"neighbours": "violation", "apart": "advisory"}


@patients("""
    who     | day    | what         | value
    all     |        | without      | monitoring, restart
    day 9   | 0..9   | azathioprine | 50 mg
    day 10  | 0..10  | azathioprine | 50 mg
    day 16  | 0..16  | azathioprine | 50 mg
    day 17  | 0..17  | azathioprine | 50 mg
""")
def test_a_draw_is_due_only_when_its_whole_window_lies_within_the_course(audited: Audited) -> None:
    verdicts = {"day 9": "not_applicable", "day 10": "advisory", "day 16": "advisory", "day 17": "violation"}
    assert audited.verdicts("MON-01") == verdicts


@patients("""
    who     | day      | what     | value
    all     |          | without  | monitoring
    day 9   | -900..9  | observed |
    day 10  | -900..10 | observed |
""")
def test_a_draw_is_due_only_when_its_whole_window_has_been_observed(audited: Audited) -> None:
    assert audited.verdicts("MON-01") == {"day 9": "not_applicable", "day 10": "advisory"}
    assert {name: line.split()[0] for name, line in audited.statuses("MON-01").items()} == {
        "day 9": "not_due",
        "day 10": "missed",
    }


@patients("""
    day     | what         | value
            | without      | monitoring, restart
    0..5    | azathioprine | 50 mg
    4       | draw         |
""")
def test_a_draw_counts_before_its_window_is_over(audited: Audited) -> None:
    assert audited.verdict("MON-01") == "pass"
    assert audited.statuses("MON-01")["patient"] == "met" + " ended" * 7


@patients("""
    who       | day     | what         | value
    all       |         | without      | monitoring, restart
    all       | 0..11   | azathioprine | 50 mg
    last dose | 7, 11   | draw         |
    day after | 7, 12   | draw         |
""")
def test_a_draw_after_the_last_dose_does_not_meet_a_slot(audited: Audited) -> None:
    statuses = {name: line.split()[:2] for name, line in audited.statuses("MON-01").items()}
    assert statuses == {"last dose": ["met", "met"], "day after": ["met", "ended"]}


@patients("""
    day    | what     | value
           | without  | monitoring
    -900.. | observed |
    10     | as of    |
""")
def test_without_a_lag_a_window_is_missed_on_its_last_day(audited: Audited) -> None:
    assert audited.statuses("MON-01")["patient"] == "missed" + " not_due" * 7


@patients(
    """
    day   | what         | value
          | without      | monitoring, restart
    0..10 | azathioprine | 50 mg
    12    | as of        |
    """,
    result_lag_days=3,
)
def test_a_slot_whose_results_may_still_come_is_not_ended_though_the_course_is(audited: Audited) -> None:
    assert audited.statuses("MON-01")["patient"] == "not_due" + " ended" * 7


@patients("""
    who       | day      | what         | value
    all       |          | without      | monitoring, restart
    all       | 0..9     | azathioprine | 50 mg
    last dose | -900..9  | observed     |
    day after | -900..10 | observed     |
    runs on   | -900..9  | observed     |
    runs on   | 10..     | azathioprine | 50 mg
    due       | 10..10   | azathioprine | 50 mg
""")
def test_a_slot_is_ended_once_the_course_is_known_to_have_ended_before_its_window(audited: Audited) -> None:
    assert {name: line.split()[:2] for name, line in audited.statuses("MON-01").items()} == {
        "last dose": ["not_due", "not_due"],
        "day after": ["ended", "ended"],
        "runs on": ["not_due", "not_due"],
        "due": ["missed", "ended"],
    }
    assert {name: line.split()[-1] for name, line in audited.statuses("MON-04").items()} == {
        "last dose": "not_due",
        "day after": "ended",
        "runs on": "not_due",
        "due": "ended",
    }


@patients("""
    who | day         | what | value
    all |             | without | monitoring
    all | 14..56 by 7 | draw |
    ast | 7           | ast  | 22
    alp | 7           | alp  | 80
""")
def test_any_alt_or_ast_makes_a_draw(audited: Audited) -> None:
    assert audited.verdicts("MON-01") == {"ast": "pass", "alp": "advisory"}


@patients("""
    day         | what    | value
                | without | monitoring
    5, 8        | draw    |
    5           | ast     | 22
    14..56 by 7 | draw    |
""")
def test_the_first_draw_of_a_window_meets_the_slot(audited: Audited) -> None:
    assert audited.slots("MON-01")["patient"][0] == (4, 10, "met", 5)


@patients("""
    who           | day                 | what    | value
    all           |                     | without | monitoring
    all           | 7, 21..56 by 7      | draw    |
    in hospital   | 11..17              | stay    |
""")
def test_a_draw_missed_in_hospital_is_missed_where_the_feed_holds_inpatient_results(audited: Audited) -> None:
    assert audited.verdicts("MON-01") == {"in hospital": "advisory"}


@patients(
    """
    who           | day                 | what    | value
    all           |                     | without | monitoring
    all           | 7, 21..56 by 7      | draw    |
    whole window  | 11..17              | stay    |
    still in      | 2..                 | stay    |
    a day late    | 12..17              | stay    |
    a day early   | 11..16              | stay    |
    at home       |                     | standard|
    """,
    inpatient_labs_captured=False,
)
def test_a_window_spent_wholly_in_hospital_is_excused_where_the_feed_lacks_inpatient_results(audited: Audited) -> None:
    excused = dict.fromkeys(("whole window", "still in"), "pass")
    assert audited.verdicts("MON-01") == excused | dict.fromkeys(("a day late", "a day early", "at home"), "advisory")
    assert audited.statuses("MON-01")["whole window"].split()[:3] == ["met", "excused", "met"]


@patients(
    """
    day            | what    | value
                   | without | monitoring
    28..56 by 7    | draw    |
    11..17         | stay    |
    """,
    inpatient_labs_captured=False,
)
def test_the_neighbours_of_an_excused_slot_become_neighbours(audited: Audited) -> None:
    assert audited.statuses("MON-01")["patient"].split()[:3] == ["missed", "excused", "missed"]
    assert audited.verdict("MON-01") == "violation"


@patients(
    """
    day     | what         | value
            | without      | monitoring, restart
    0..12   | azathioprine | 50 mg
    2..     | stay         |
    """,
    inpatient_labs_captured=False,
)
def test_nothing_is_judged_when_every_slot_is_excused(audited: Audited) -> None:
    assert audited.verdict("MON-01") == "not_applicable"


@patients(
    """
    day         | what    | value
                | without | monitoring
    7..56 by 7  | draw    |
    2..         | stay    |
    """,
    inpatient_labs_captured=False,
)
def test_a_draw_in_hospital_still_meets_its_slot(audited: Audited) -> None:
    assert audited.statuses("MON-01")["patient"] == " ".join(["met"] * 8)
