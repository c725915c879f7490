"""The pattern of the injury: hepatocellular, cholestatic or mixed."""

import pytest

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who            | day | what    | value
    all            |     | without | injury
    all            | -35 | alp     | 120
    hepatocellular | -35 | alt     | 200
    below 5        | -35 | alt     | 199
    above 2        | -35 | alt     | 81
    cholestatic    | -35 | alt     | 80
""")
def test_r_of_five_is_hepatocellular_of_two_cholestatic_between_mixed(audited: Audited) -> None:
    assert audited.episodes("injury_pattern") == {
        "hepatocellular": "hepatocellular",
        "below 5": "mixed",
        "above 2": "mixed",
        "cholestatic": "cholestatic",
    }
    assert audited.episodes("r_ratio") == pytest.approx(
        {"hepatocellular": 5.0, "below 5": 4.975, "above 2": 2.025, "cholestatic": 2.0}
    )


@patients("""
    day | what    | value
        | without | injury
    -35 | alt     | 165/33
    -35 | alp     | 200/100
""")
def test_each_value_is_taken_as_a_multiple_of_its_own_upper_limit(audited: Audited) -> None:
    assert audited.episode("r_ratio") == pytest.approx(2.5)


@patients("""
    who   | day | what    | value
    all   |     | without | injury
    all   | -35 | alt     | 160
    early | -43 | alp     | 120
    first | -42 | alp     | 120
    last  | -28 | alp     | 120
    late  | -27 | alp     | 120
    none  |     | standard|
""")
def test_the_alp_lies_within_a_week_of_the_onset(audited: Audited) -> None:
    assert audited.episodes("r_ratio") == {"early": None, "first": 4.0, "last": 4.0, "late": None, "none": None}
    assert audited.episodes("injury_pattern")["none"] is None


@patients("""
    who     | day | what    | value
    all     |     | without | injury
    all     | -35 | alt     | 160
    nearest | -38 | alp     | 240
    nearest | -34 | alp     | 120
    tie     | -38 | alp     | 240
    tie     | -32 | alp     | 120
""")
def test_the_nearest_alp_is_taken_and_of_two_as_near_the_earlier(audited: Audited) -> None:
    assert audited.episodes("r_ratio") == {"nearest": 4.0, "tie": 2.0}


@patients("""
    who           | day | what    | value
    all           |     | without | injury
    only ast      | -35 | ast     | 160
    only ast      | -34 | alt     | 160
    only ast      | -35 | alp     | 120
    censored alt  | -35 | alt     | >160
    censored alt  | -35 | alp     | 120
    censored alp  | -35 | alt     | 160
    censored alp  | -35 | alp     | <60
    censored near | -35 | alt     | 160
    censored near | -35 | alp     | <60
    censored near | -33 | alp     | 120
""")
def test_there_is_no_r_without_an_uncensored_pair(audited: Audited) -> None:
    assert set(audited.episodes("r_ratio").values()) == {None}
    assert set(audited.episodes("injury_pattern").values()) == {None}


@patients("""
    day | what    | value
        | without | injury
    -35 | alt     | 160
    -35 | alt     | 150/30
    -35 | alp     | 120
    -35 | alp     | 130/65
""")
def test_of_several_values_of_a_day_the_largest_multiple_counts(audited: Audited) -> None:
    assert audited.episode("r_ratio") == pytest.approx(2.5)


@patients("""
    who         | day | what    | value
    all         |     | without | injury
    five        | -35 | alt     | 150.7/30.14
    five        | -35 | alp     | 120
    two         | -35 | alt     | 80.0000008
    two         | -35 | alp     | 120
""")
def test_the_limits_of_r_are_not_lost_in_floating_point(audited: Audited) -> None:
    assert audited.episodes("injury_pattern") == {"five": "hepatocellular", "two": "cholestatic"}
