"""The tolerance of ratios: two that differ by no more than `ratio_epsilon` are the same.

It is 1e-6 by default, too small to meet exactly in floating point; here it is a quarter.
"""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients(
    """
    who     | day              | what    | value
    all     |                  | without | baseline
    at 3    | -430             | alt     | 130
    above 3 | -430             | alt     | 131
    at 1.5  | -430             | alt     | 50
    below   | -430             | alt     | 49
    """,
    ratio_epsilon=0.25,
)
def test_a_baseline_within_it_of_a_limit_is_at_the_limit(audited: Audited) -> None:
    assert audited.episodes("baseline_alt_status") == {
        "at 3": "abnormal",
        "above 3": "uln_fallback",
        "at 1.5": "abnormal",
        "below": "normal",
    }


@patients(
    """
    who           | day | what | value
    at            | 100 | alt  | 190
    below         | 100 | alt  | 189
    at most at    | 100 | alt  | <=190
    at most below | 100 | alt  | <=189
    under         | 100 | alt  | <210
    under more    | 100 | alt  | <211
    over          | 100 | alt  | >190
    """,
    ratio_epsilon=0.25,
)
def test_a_value_within_it_of_a_limit_reaches_the_limit(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {
        "at": "violation",
        "below": "not_applicable",
        "at most at": "indeterminate",
        "at most below": "not_applicable",
        "under": "not_applicable",
        "under more": "indeterminate",
        "over": "violation",
    }


@patients(
    """
    who       | day | what    | value
    all       |     | without | injury
    at        | -35 | alt     | 410
    above     | -35 | alt     | 411
    over      | -35 | alt     | >390
    over less | -35 | alt     | >389
    up to     | -35 | alt     | 240
    up to     | -34 | alt     | <=410
    """,
    ratio_epsilon=0.25,
)
def test_a_value_within_it_of_a_limit_is_not_above_the_limit(audited: Audited) -> None:
    assert audited.episodes("grade") == {
        "at": "moderate",
        "above": "severe",
        "over": "severe",
        "over less": "at_least_moderate",
        "up to": "moderate",
    }


@patients(
    """
    who     | day              | what    | value
    all     |                  | without | baseline
    all     | -430, -420, -410 | alt     | 110
    at      | 100              | alt     | 375
    below   | 100              | alt     | 374
    """,
    ratio_epsilon=0.25,
)
def test_a_value_in_units_is_given_that_share_of_its_limit(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {"at": "violation", "below": "not_applicable"}


@patients(
    """
    who     | day | what    | value
    all     |     | without | recovery
    all     | -3  | ast     | 28
    at      | -3  | alt     | 50
    above   | -3  | alt     | 51
    """,
    ratio_epsilon=0.25,
)
def test_a_value_is_back_to_normal_within_that_share_of_its_limit(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {"at": "pass", "above": "violation"}


@patients(
    """
    who            | day | what    | value
    all            |     | without | injury
    all            | -35 | alp     | 120
    hepatocellular | -35 | alt     | 190
    below          | -35 | alt     | 189
    above          | -35 | alt     | 91
    cholestatic    | -35 | alt     | 90
    """,
    ratio_epsilon=0.25,
)
def test_an_r_within_it_of_a_limit_is_at_the_limit(audited: Audited) -> None:
    assert audited.episodes("injury_pattern") == {
        "hepatocellular": "hepatocellular",
        "below": "mixed",
        "above": "mixed",
        "cholestatic": "cholestatic",
    }


@patients(
    """
    who   | day | what | value
    all   | -20 | alt  | 100
    at    | -20 | ast  | 65
    above | -20 | ast  | 66
    """,
    ratio_epsilon=0.25,
)
def test_an_ast_to_alt_ratio_within_it_of_the_limit_is_resolving(audited: Audited) -> None:
    assert audited.episodes("resolving_ratio_date") == {"at": -20, "above": None}


@patients(
    """
    who   | day | what         | value
    all   |     | without      | restart
    at    | 0.. | azathioprine | 50 mg
    below | 0.. | azathioprine | 49 mg
    """,
    ratio_epsilon=0.25,
    dose_same_tolerance=0.75,
)
def test_a_dose_within_it_of_the_limit_is_the_same_dose(audited: Audited) -> None:
    assert audited.verdicts("RST-03") == {"at": "advisory", "below": "pass"}
    assert audited.verdicts("RST-04") == {"at": "violation", "below": "pass"}


@patients(
    """
    who       | day              | what    | value
    all       |                  | without | injury, baseline
    normal    | -430, -420, -410 | alt     | 20
    normal    | -35              | alt     | 50
    raised    | -430, -420, -410 | alt     | 20
    raised    | -35              | alt     | 51
    three     | -430, -420, -410 | alt     | 20
    three     | -35              | alt     | 130
    above 3   | -430, -420, -410 | alt     | 20
    above 3   | -35              | alt     | 131
    abnormal  | -430, -420, -410 | alt     | 80
    abnormal  | -35              | alt     | 100
    below     | -430, -420, -410 | alt     | 80
    below     | -35              | alt     | 99
    """,
    ratio_epsilon=0.25,
    baseline_reference_mode="literal",
    index_elevation_min_x_ref=1.2,
)
def test_a_value_within_it_of_a_ctcae_limit_is_at_the_limit(audited: Audited) -> None:
    assert audited.episodes("ctcae_grade") == {
        "normal": 0,
        "raised": 1,
        "three": 1,
        "above 3": 2,
        "abnormal": 1,
        "below": 0,
    }
