"""The effective reference E: what a result is a multiple of."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who    | day | what | value
    at     | 100 | alt  | 165/33
    below  | 100 | alt  | 164/33
    wide   | 100 | alt  | 249/50
    wider  | 100 | alt  | 250/50
""")
def test_with_a_normal_baseline_it_is_the_upper_limit_of_the_very_result(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {
        "at": "violation",
        "below": "not_applicable",
        "wide": "not_applicable",
        "wider": "violation",
    }


@patients("""
    who   | day              | what    | value
    all   |                  | without | baseline
    all   | -430, -420, -410 | alt     | 60
    below | 100              | alt     | 299
    at    | 100              | alt     | 300
    other | 100              | ast     | 200
""")
def test_with_an_abnormal_baseline_it_is_the_baseline_of_that_analyte(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {"below": "not_applicable", "at": "violation", "other": "violation"}


@patients("""
    who   | day  | what    | value
    all   |      | without | baseline
    below | 100  | alt     | 199
    at    | 100  | alt     | 200
""")
def test_without_a_baseline_it_is_the_upper_limit(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {"below": "not_applicable", "at": "violation"}


@patients(
    """
    who       | day              | what    | value
    all       |                  | without | baseline
    all       | -430, -420, -410 | alt     | 24
    below     | 100              | alt     | 119
    at        | 100              | alt     | 120
    fallback  | 100              | ast     | 199
    by limit  | 100              | ast     | 200
    """,
    baseline_reference_mode="literal",
)
def test_in_the_literal_run_it_is_the_baseline_whatever_it_is(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {
        "below": "not_applicable",
        "at": "violation",
        "fallback": "not_applicable",
        "by limit": "violation",
    }


@patients("""
    who     | day | what | value
    all     | 100 | alt  | 199/40
    plain   |     | standard |
    limits  | 100 | alt  | 150/30
    units   | 100 | alt  | 499/120
""")
def test_of_several_results_of_a_day_the_largest_on_the_scale_of_the_comparison_counts(audited: Audited) -> None:
    verdicts = {"plain": "not_applicable", "limits": "violation", "units": "not_applicable"}
    assert audited.verdicts("STP-01") == verdicts


@patients("""
    who      | day | what | value
    below    | 100 | alt  | 150.65/30.14
    in floats| 100 | alt  | 150.7/30.14
""")
def test_five_times_is_not_lost_in_floating_point(audited: Audited) -> None:
    assert 150.7 / 30.14 < 5
    assert audited.verdicts("STP-01") == {"below": "not_applicable", "in floats": "violation"}


@patients("""
    who    | day | what | value
    within | 100 | alt  | 199.99998
    beyond | 100 | alt  | 199.9998
""")
def test_ratios_are_compared_with_an_absolute_tolerance(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {"within": "violation", "beyond": "not_applicable"}


@patients(
    """
    who   | day | what            | value
    all   | 100 | alt             | 90
    below | 100 | bilirubin_total | 1.1
    at    | 100 | bilirubin_total | 1.2
    """,
    baseline_reference_mode="literal",
)
def test_in_the_literal_run_bilirubin_has_its_baseline_too(audited: Audited) -> None:
    assert audited.verdicts("STP-03") == {"below": "not_applicable", "at": "violation"}
