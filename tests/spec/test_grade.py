"""The grade of the injury, by the article's multiples of the upper limit, and the CTCAE grade beside it."""

import pytest

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who      | day | what    | value
    all      |     | without | injury
    below 5  | -35 | alt     | 199
    at 5     | -35 | alt     | 200
    at 10    | -35 | alt     | 400
    above 10 | -35 | alt     | 401
    by ast   | -35 | ast     | 401
""")
def test_five_and_ten_times_are_moderate_and_more_than_ten_is_severe(audited: Audited) -> None:
    assert audited.episodes("grade") == {
        "below 5": "mild",
        "at 5": "moderate",
        "at 10": "moderate",
        "above 10": "severe",
        "by ast": "severe",
    }


@patients(
    """
    who   | day              | what    | value
    all   |                  | without | injury, baseline
    all   | -430, -420, -410 | alt     | 20
    at    | -35              | alt     | 40
    above | -35              | alt     | 41
    """,
    baseline_reference_mode="literal",
)
def test_up_to_the_upper_limit_is_none(audited: Audited) -> None:
    assert audited.episodes("grade") == {"at": "none", "above": "mild"}
    assert audited.episodes("ctcae_grade") == {"at": 0, "above": 1}


@patients("""
    who          | day | what | value
    before onset | -70 | alt  | 480
    before onset | -65 | alt  | 25
    after onset  | -32 | alt  | 240
    day before   | -1  | alt  | 240
    restart      | 0   | alt  | 240
""")
def test_the_peak_lies_between_the_onset_and_the_day_before_the_restart(audited: Audited) -> None:
    assert audited.episodes("grade") == {
        "before onset": "mild",
        "after onset": "moderate",
        "day before": "moderate",
        "restart": "mild",
    }
    assert audited.episodes("peak_date") == {
        "before onset": -35,
        "after onset": -32,
        "day before": -1,
        "restart": -35,
    }


@patients("""
    who  | day | what | value
    high | -34 | alt  | 180/60
    low  | -34 | alt  | 150/30
    ast  | -34 | ast  | 170/34
""")
def test_the_peak_is_the_largest_multiple_of_the_upper_limits(audited: Audited) -> None:
    peaks = {"high": 4.0, "low": 5.0, "ast": 5.0}
    assert audited.episodes("peak_x_uln") == pytest.approx(peaks)


@patients("""
    who  | day | what | value
    high | -34 | alt  | 180/60
    low  | -34 | alt  | 150/30
    ast  | -34 | ast  | 170/34
""")
def test_the_largest_value_in_units_is_told_beside_the_peak(audited: Audited) -> None:
    assert audited.episodes("peak_u_l") == {"high": 180.0, "low": 160.0, "ast": 170.0}


@patients("""
    who      | day | what    | value
    all      |     | without | injury
    moderate | -35 | alt     | 300.6/30.06
    five     | -35 | alt     | 150.7/30.14
""")
def test_five_and_ten_times_are_not_lost_in_floating_point(audited: Audited) -> None:
    assert (300.6 / 30.06 > 10, 150.7 / 30.14 < 5) == (True, True)
    assert audited.episodes("grade") == {"moderate": "moderate", "five": "moderate"}


@patients("""
    who    | day | what    | value
    all    |     | without | injury
    within | -35 | alt     | 400.00002
    beyond | -35 | alt     | 400.0002
""")
def test_a_grade_is_held_with_the_tolerance_of_ratios(audited: Audited) -> None:
    assert audited.episodes("grade") == {"within": "moderate", "beyond": "severe"}


@patients("""
    who         | day | what    | value
    all         |     | without | injury
    above 2     | -35 | alt     | >80
    above 5     | -35 | alt     | >200
    at least 5  | -35 | alt     | >=200
    above 9     | -35 | alt     | >360
    at least 10 | -35 | alt     | >=400
    above 10    | -35 | alt     | >400
    just under  | -35 | alt     | >199
""")
def test_a_lower_bound_gives_the_grade_it_has_at_least(audited: Audited) -> None:
    assert audited.episodes("grade") == {
        "above 2": "at_least_mild",
        "above 5": "at_least_moderate",
        "at least 5": "at_least_moderate",
        "above 9": "at_least_moderate",
        "at least 10": "at_least_moderate",
        "above 10": "severe",
        "just under": "at_least_mild",
    }
    assert audited.episodes("peak_x_uln")["above 5"] == pytest.approx(5.0)


@patients("""
    who           | day | what    | value
    all           | -34 | ast     | 30
    below 5       | -34 | alt     | <200
    at most 5     | -34 | alt     | <=200
    below 6       | -34 | alt     | <240
    at most 10    | -33 | alt     | 240
    at most 10    | -34 | alt     | <=400
    above 10      | -33 | alt     | 240
    above 10      | -34 | alt     | <=401
    normal        | -34 | alt     | <40
""")
def test_an_upper_bound_leaves_the_grade_open_only_where_it_could_be_higher(audited: Audited) -> None:
    assert audited.episodes("grade") == {
        "below 5": "mild",
        "at most 5": "at_least_mild",
        "below 6": "at_least_mild",
        "at most 10": "moderate",
        "above 10": "at_least_moderate",
        "normal": "mild",
    }


@patients("""
    who     | day | what | value
    certain | -35 | ast  | 480
    certain | -34 | alt  | >100
    higher  | -35 | ast  | 240
    higher  | -34 | alt  | >100
    outside | -70 | alt  | >100
    outside | -65 | alt  | 25
""")
def test_a_certain_value_is_the_least_that_a_censored_one_leaves_open(audited: Audited) -> None:
    assert audited.episodes("grade") == {"certain": "severe", "higher": "at_least_moderate", "outside": "mild"}


@patients(
    """
    who      | day              | what    | value
    all      |                  | without | injury, baseline
    all      | -430, -420, -410 | alt     | 20
    at least | -35              | alt     | >=40
    above    | -35              | alt     | >40
    """,
    baseline_reference_mode="literal",
)
def test_at_least_the_upper_limit_may_be_none(audited: Audited) -> None:
    assert audited.episodes("grade") == {"at least": "at_least_none", "above": "at_least_mild"}


@patients("""
    who        | day | what    | value
    all        |     | without | injury
    at 3       | -35 | alt     | 120
    above 3    | -35 | alt     | 121
    at 5       | -35 | alt     | 200
    above 5    | -35 | alt     | 201
    at 20      | -35 | alt     | 800
    above 20   | -35 | alt     | 801
""")
def test_the_ctcae_grades_part_at_three_five_and_twenty_times(audited: Audited) -> None:
    assert audited.episodes("ctcae_grade") == {
        "at 3": 1,
        "above 3": 2,
        "at 5": 2,
        "above 5": 3,
        "at 20": 3,
        "above 20": 4,
    }


@patients("""
    who          | day              | what         | value
    all          |                  | without      | injury, baseline, first course
    all          | -430, -420, -410 | alt          | 80
    all          | -400..-31        | azathioprine | 100 mg reason=hepatotoxicity
    below 1.5    | -35              | alt          | 119
    at 1.5       | -35              | alt          | 120
    at 3         | -35              | alt          | 240
    above 3      | -35              | alt          | 241
    above 5      | -35              | alt          | 401
""")
def test_on_an_abnormal_baseline_the_ctcae_grades_are_multiples_of_it_from_one_and_a_half_on(audited: Audited) -> None:
    grades = {"below 1.5": 0, "at 1.5": 1, "at 3": 1, "above 3": 2, "above 5": 3}
    assert audited.episodes("ctcae_grade") == grades


@patients("""
    who            | day              | what         | value
    all            |                  | without      | injury, baseline, first course
    all            | -400..-31        | azathioprine | 100 mg reason=hepatotoxicity
    at the limit   | -430, -420, -410 | alt          | 40
    at the limit   | -35              | alt          | 121
    above it       | -430, -420, -410 | alt          | 41
    above it       | -35              | alt          | 122
    its own limit  | -430, -420       | alt          | 41
    its own limit  | -410             | alt          | 41/42
    its own limit  | -35              | alt          | 121
    above 3        | -430, -420, -410 | alt          | 150
    above 3        | -35              | alt          | 451
    one day        | -430             | alt          | 60
    one day        | -35              | alt          | 180
    the day itself | -400             | alt          | 60
    the day itself | -35              | alt          | 180
    a year before  | -765             | alt          | 60
    a year before  | -35              | alt          | 180
    longer ago     | -766             | alt          | 60
    longer ago     | -35              | alt          | 180
    of one analyte | -430, -420, -410 | alt          | 60
    of one analyte | -35              | alt          | 180
    of one analyte | -35              | ast          | 180
""")
def test_the_ctcae_grades_count_from_a_median_above_its_limit(audited: Audited) -> None:
    assert audited.episodes("ctcae_grade") == {
        "at the limit": 2,
        "above it": 1,
        "its own limit": 2,
        "above 3": 2,
        "one day": 1,
        "the day itself": 1,
        "a year before": 1,
        "longer ago": 2,
        "of one analyte": 2,
    }
    assert audited.episodes("baseline_alt_status")["above it"] == "normal"
    assert audited.episodes("baseline_alt_status")["above 3"] == "uln_fallback"


@patients("""
    who              | day              | what                 | value
    all              |                  | without              | injury, baseline, first course
    all              | -400..-31        | azathioprine         | 100 mg reason=hepatotoxicity
    all              | -430, -420, -410 | alt                  | 60
    all              | -35              | alt                  | 180
    plain            |                  | standard             |
    seen too briefly | -411..300        | observed             |
    treated before   | -450..-440       | mercaptopurine       | 50 mg
    autoimmune       | -500             | autoimmune_hepatitis |
""")
def test_what_makes_a_median_no_baseline_leaves_the_ctcae_grade_alone(audited: Audited) -> None:
    assert set(audited.episodes("ctcae_grade").values()) == {1}
    statuses = audited.episodes("baseline_alt_status")
    assert statuses.pop("plain") == "abnormal"
    assert set(statuses.values()) == {"uln_fallback"}
