"""MON-04: long-term, liver enzymes every three months."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    day        | what     | value
    -900..800  | observed |
    360, 450, 540, 630, 720 | draw |
""")
def test_quarterly_draws_pass(audited: Audited) -> None:
    assert audited.verdict("MON-04") == "pass"
    assert audited.statuses("MON-04")["patient"].startswith("met met met met met met")


@patients("""
    who     | day                                     | what     | value
    all     |                                         | without  | monitoring
    all     | -900..380                               | observed |
    all     | 7..56 by 7, 74, 88, 120, 150, 180       | draw     |
    day 291 | 291                                     | draw     |
    day 292 | 292                                     | draw     |
""")
def test_a_quarterly_draw_counts_to_three_weeks_after_its_due_day(audited: Audited) -> None:
    assert audited.verdicts("MON-04") == {"day 291": "pass", "day 292": "advisory"}
    assert [slot[2:] for slot in audited.slots("MON-04")["day 292"]][:2] == [("missed", None), ("met", 292)]


@patients("""
    who     | day                                 | what     | value
    all     |                                     | without  | monitoring
    all     | 7..56 by 7, 74, 88, 120, 150, 180   | draw     |
    day 290 | -900..290                           | observed |
    day 291 | -900..291                           | observed |
""")
def test_a_quarterly_draw_is_missed_once_its_window_is_over(audited: Audited) -> None:
    assert audited.verdicts("MON-04") == {"day 290": "not_applicable", "day 291": "advisory"}


@patients("""
    who     | day                                 | what     | value
    all     |                                     | without  | monitoring
    all     | -900..300                           | observed |
    all     | 7..56 by 7, 74, 88, 120, 150, 172   | draw     |
    day 283 | 283                                 | draw     |
    day 284 | 284                                 | draw     |
""")
def test_the_first_quarter_is_counted_from_the_draw_that_met_the_last_monthly_slot(audited: Audited) -> None:
    assert audited.verdicts("MON-04") == {"day 283": "pass", "day 284": "advisory"}


@patients("""
    who     | day                            | what     | value
    all     |                                | without  | monitoring
    all     | -900..300                      | observed |
    all     | 7..56 by 7, 74, 88, 120, 150   | draw     |
    day 291 | 291                            | draw     |
    day 292 | 292                            | draw     |
""")
def test_without_that_draw_the_first_quarter_is_counted_from_the_due_day(audited: Audited) -> None:
    assert audited.statuses("MON-03")["day 291"] == "met met missed"
    assert audited.verdicts("MON-04") == {"day 291": "pass", "day 292": "advisory"}


@patients("""
    who     | day                                    | what     | value
    all     |                                        | without  | monitoring
    all     | -900..420                              | observed |
    all     | 7..56 by 7, 74, 88, 120, 150, 180, 250 | draw     |
    day 361 | 361                                    | draw     |
    day 362 | 362                                    | draw     |
""")
def test_a_draw_that_came_early_starts_the_next_quarter(audited: Audited) -> None:
    assert audited.verdicts("MON-04") == {"day 361": "pass", "day 362": "advisory"}


@patients("""
    who     | day                                 | what     | value
    all     |                                     | without  | monitoring
    all     | -900..400                           | observed |
    all     | 7..56 by 7, 74, 88, 120, 150, 180   | draw     |
    day 381 | 381                                 | draw     |
    day 382 | 382                                 | draw     |
""")
def test_after_a_missed_quarter_the_next_is_counted_from_the_missed_due_day(audited: Audited) -> None:
    assert audited.verdicts("MON-04") == {"day 381": "advisory", "day 382": "violation"}
    assert audited.statuses("MON-04")["day 382"].split()[:2] == ["missed", "missed"]


@patients("""
    who           | day                                                | what     | value
    all           |                                                    | without  | monitoring
    all           | -900..657                                          | observed |
    all           | 7..56 by 7, 74, 88, 120, 150, 180                  | draw     |
    in 364 days   | 370, 544                                           | draw     |
    in 365 days   | 370, 545                                           | draw     |
    two           | 370, 544, 600                                      | draw     |
""")
def test_three_missed_quarters_are_a_violation_when_due_less_than_a_year_apart(audited: Audited) -> None:
    assert audited.statuses("MON-04")["in 365 days"].split()[:5] == ["missed", "met", "missed", "met", "missed"]
    assert audited.verdicts("MON-04") == {"in 364 days": "violation", "in 365 days": "advisory", "two": "advisory"}


@patients("""
    who     | day                                       | what     | value
    all     |                                           | without  | monitoring
    all     | -900..340                                 | observed |
    all     | 7..56 by 7, 88, 104, 118, 150, 180, 210   | draw     |
    all     | 74                                        | draw     | 61
    day 321 | 321                                       | draw     |
    day 322 | 322                                       | draw     |
""")
def test_an_unstable_third_month_moves_the_quarters_likewise(audited: Audited) -> None:
    assert audited.verdicts("MON-04") == {"day 321": "pass", "day 322": "advisory"}


@patients("""
    who     | day                            | what     | value
    all     |                                | without  | monitoring
    all     | -900..300                      | observed |
    all     | 7..56 by 7, 88, 104, 118, 150, 180   | draw     |
    all     | 74                             | draw     | 61
    missed  |                                | standard |
""")
def test_a_moved_last_monthly_slot_that_was_missed_is_the_first_anchor(audited: Audited) -> None:
    assert audited.slots("MON-04")["missed"][0] == (211, 321, "not_due", None)


@patients(
    """
    who      | day                                 | what     | value
    all      |                                     | without  | monitoring
    all      | -900..400                           | observed |
    all      | 7..56 by 7, 74, 88, 120, 150, 180   | draw     |
    whole    | 181..291                            | stay     |
    part     | 182..291                            | stay     |
    """,
    inpatient_labs_captured=False,
)
def test_a_quarter_spent_wholly_in_hospital_is_excused(audited: Audited) -> None:
    assert {name: line.split()[0] for name, line in audited.statuses("MON-04").items()} == {
        "whole": "excused",
        "part": "missed",
    }


@patients("""
    who     | day                                              | what     | value
    all     |                                                  | without  | monitoring
    all     | 7..56 by 7, 74, 88, 120, 150, 180, 381, 582, 694 | draw     |
    three   | -900..804                                        | observed |
    four    | -900..805                                        | observed |
""")
def test_any_three_missed_quarters_within_a_year_are_a_violation_not_only_the_first(audited: Audited) -> None:
    assert audited.statuses("MON-04")["four"].split()[:7] == ["missed", "met"] * 3 + ["missed"]
    assert audited.verdicts("MON-04") == {"three": "advisory", "four": "violation"}
