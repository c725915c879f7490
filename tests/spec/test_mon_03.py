"""MON-03: after three stable months liver enzymes monthly for three months."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    day | what     | value
        | standard |
""")
def test_three_monthly_draws_pass(audited: Audited) -> None:
    assert audited.verdict("MON-03") == "pass"
    assert audited.slots("MON-03")["patient"] == [
        (110, 130, "met", 120),
        (140, 160, "met", 150),
        (170, 190, "met", 180),
    ]


@patients("""
    who     | day                             | what    | value
    all     |                                 | without | monitoring
    all     | 7..56 by 7, 74, 88, 150, 180    | draw    |
    day 109 | 109                             | draw    |
    day 110 | 110                             | draw    |
    day 130 | 130                             | draw    |
    day 131 | 131                             | draw    |
""")
def test_a_monthly_draw_counts_ten_days_early_and_ten_days_late(audited: Audited) -> None:
    verdicts = {"day 109": "advisory", "day 110": "pass", "day 130": "pass", "day 131": "advisory"}
    assert audited.verdicts("MON-03") == verdicts


@patients("""
    who        | day                    | what    | value
    all        |                        | without | monitoring
    all        | 7..56 by 7, 74, 88     | draw    |
    one        | 120, 180               | draw    |
    apart      | 150                    | draw    |
    neighbours | 120                    | draw    |
    none       |                        | standard|
""")
def test_one_or_two_scattered_months_missed_are_an_advisory_more_a_violation(audited: Audited) -> None:
    assert audited.verdicts("MON-03") == {
        "one": "advisory",
        "apart": "advisory",
        "neighbours": "violation",
        "none": "violation",
    }


@patients("""
    who     | day       | what     | value
    all     |           | without  | monitoring
    day 129 | -900..129 | observed |
    day 130 | -900..130 | observed |
""")
def test_nothing_is_due_before_the_first_window_is_over(audited: Audited) -> None:
    assert audited.verdicts("MON-03") == {"day 129": "not_applicable", "day 130": "advisory"}


@patients("""
    who      | day                             | what    | value
    all      |                                 | without | monitoring
    all      | 7..56 by 7, 88, 104, 118        | draw    |
    all      | 74                              | draw    | 61
    moved    | 150, 180, 210                   | draw    |
    unmoved  | 120, 150, 180                   | draw    |
""")
def test_an_unstable_third_month_moves_the_monthly_draws_by_thirty_days(audited: Audited) -> None:
    assert [slot[:2] for slot in audited.slots("MON-03")["moved"]] == [(140, 160), (170, 190), (200, 220)]
    assert audited.verdicts("MON-03") == {"moved": "pass", "unmoved": "advisory"}
