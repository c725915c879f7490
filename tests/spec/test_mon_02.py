"""MON-02: liver enzymes every two weeks in the third month, and for as long as they are unstable."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    day | what     | value
        | standard |
""")
def test_two_draws_of_the_third_month_pass(audited: Audited) -> None:
    assert audited.verdict("MON-02") == "pass"
    assert audited.slots("MON-02")["patient"] == [(69, 79, "met", 74), (83, 93, "met", 88)]


@patients("""
    who    | day             | what    | value
    all    |                 | without | monitoring
    all    | 7..56 by 7, 88  | draw    |
    day 68 | 68              | draw    |
    day 69 | 69              | draw    |
    day 79 | 79              | draw    |
    day 80 | 80              | draw    |
""")
def test_a_two_weekly_draw_counts_five_days_early_and_five_days_late(audited: Audited) -> None:
    verdicts = {"day 68": "advisory", "day 69": "pass", "day 79": "pass", "day 80": "advisory"}
    assert audited.verdicts("MON-02") == verdicts


@patients("""
    who   | day            | what    | value
    all   |                | without | monitoring
    all   | 7..56 by 7     | draw    |
    both  | 74, 88         | draw    |
    one   | 74             | draw    |
    none  |                | standard|
""")
def test_one_missed_is_an_advisory_both_are_a_violation(audited: Audited) -> None:
    assert audited.verdicts("MON-02") == {"both": "pass", "one": "advisory", "none": "violation"}


@patients("""
    who    | day      | what     | value
    all    |          | without  | monitoring
    day 78 | -900..78 | observed |
    day 79 | -900..79 | observed |
""")
def test_nothing_is_due_before_the_first_window_is_over(audited: Audited) -> None:
    assert audited.verdicts("MON-02") == {"day 78": "not_applicable", "day 79": "advisory"}


@patients("""
    who      | day                                 | what    | value
    all      |                                     | without | monitoring
    all      | 7..56 by 7                          | draw    |
    all      | 74                                  | draw    | 61
    all      | 88, 150, 180, 210, 300              | draw    |
    both     | 104, 118                            | draw    |
    one      | 104                                 | draw    |
    none     |                                     | standard|
""")
def test_an_unstable_third_month_asks_for_two_more_draws(audited: Audited) -> None:
    assert audited.verdicts("MON-02") == {"both": "pass", "one": "advisory", "none": "violation"}
    assert [slot[:2] for slot in audited.slots("MON-02")["both"]] == [(69, 79), (83, 93), (99, 109), (113, 123)]


@patients("""
    who        | day                        | what    | value
    all        |                            | without | monitoring
    all        | 7..56 by 7, 150, 180, 210  | draw    |
    all        | 74                         | draw    | 61
    neighbours | 118                        | draw    |
    apart      | 104                        | draw    |
""")
def test_the_last_slot_before_an_extension_and_the_first_of_it_are_neighbours(audited: Audited) -> None:
    statuses = {"neighbours": "met missed missed met", "apart": "met missed met missed"}
    assert audited.statuses("MON-02") == statuses
    assert audited.verdicts("MON-02") == {"neighbours": "violation", "apart": "advisory"}


@patients("""
    day                          | what    | value
                                 | without | monitoring
    7..56 by 7                   | draw    |
    74                           | draw    | 61
    104                          | draw    | 61
    134, 180, 210, 240           | draw    |
""")
def test_three_missed_over_the_extended_phase_are_a_violation(audited: Audited) -> None:
    assert audited.statuses("MON-02")["patient"] == "met missed met missed met missed"
    assert audited.verdict("MON-02") == "violation"


@patients(
    """
    day         | what    | value
                | without | monitoring
    7..56 by 7  | draw    |
    88          | draw    |
    69..79      | stay    |
    """,
    inpatient_labs_captured=False,
)
def test_a_two_weekly_window_spent_in_hospital_is_excused(audited: Audited) -> None:
    assert audited.statuses("MON-02")["patient"] == "excused met"
    assert audited.verdict("MON-02") == "pass"
