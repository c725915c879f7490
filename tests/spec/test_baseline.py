"""The baseline of each analyte: what it is taken from, and when there is none."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    day              | what            | value
                     | without         | baseline
    -430, -420, -410 | alt             | 24
    -430, -420, -410 | ast             | 22
    -430, -420, -410 | bilirubin_total | 0.6
""")
def test_alt_ast_and_bilirubin_each_have_a_baseline(audited: Audited) -> None:
    values = [audited.episode(f"baseline_{analyte}") for analyte in ("alt", "ast", "bilirubin")]
    statuses = {audited.episode(f"baseline_{analyte}_status") for analyte in ("alt", "ast", "bilirubin")}
    assert (values, statuses) == ([24.0, 22.0, 0.6], {"normal"})


@patients("""
    who   | day              | what    | value
    all   |                  | without | baseline
    four  | -440             | alt     | 10
    four  | -430             | alt     | 20
    four  | -420             | alt     | 36
    four  | -410             | alt     | 30
    two   | -430             | alt     | 20
    two   | -420             | alt     | 30
    one   | -430             | alt     | 21
""")
def test_the_baseline_is_the_median_of_the_last_three_values(audited: Audited) -> None:
    assert audited.episodes("baseline_alt") == {"four": 30.0, "two": 25.0, "one": 21.0}


@patients("""
    who   | day        | what    | value
    all   |            | without | baseline
    early | -766       | alt     | 24
    first | -765       | alt     | 24
    last  | -400       | alt     | 24
    late  | -399       | alt     | 24
""")
def test_baseline_values_lie_in_the_year_up_to_the_first_exposure(audited: Audited) -> None:
    assert audited.episodes("baseline_alt") == {"early": None, "first": 24.0, "last": 24.0, "late": None}
    assert audited.episodes("baseline_alt_status")["late"] == "uln_fallback"


@patients("""
    who     | day        | what         | value
    all     |            | without      | baseline, first course, injury
    all     | -2000..300 | observed     |
    all     | -900..-500 | azathioprine | 100 mg
    all     | -450..-31  | azathioprine | 100 mg
    all     | -35        | alt          | 160
    first   | -910       | alt          | 24
    between | -460       | alt          | 24
""")
def test_the_first_exposure_is_that_of_the_first_course(audited: Audited) -> None:
    assert audited.episodes("baseline_alt") == {"first": 24.0, "between": None}


@patients("""
    day        | what    | value
               | without | baseline
    -430       | alt     | 20
    -420       | alt     | 24/40
    -420       | alt     | 30/60
    -410       | alt     | 39
""")
def test_of_several_values_of_a_day_the_largest_counts_for_the_baseline(audited: Audited) -> None:
    assert audited.episode("baseline_alt") == 30.0


@patients("""
    who    | day        | what    | value
    all    |            | without | baseline
    below  | -430       | alt     | 59
    at     | -430       | alt     | 60
    latest | -430, -420 | alt     | 60/50
    latest | -410       | alt     | 60/40
    older  | -430, -420 | alt     | 60/40
    older  | -410       | alt     | 60/50
""")
def test_a_median_of_one_and_a_half_times_the_latest_upper_limit_is_abnormal(audited: Audited) -> None:
    assert audited.episodes("baseline_alt_status") == {
        "below": "normal",
        "at": "abnormal",
        "latest": "abnormal",
        "older": "normal",
    }


@patients("""
    who    | day         | what     | value
    too few| -489..300   | observed |
    enough | -490..300   | observed |
""")
def test_fewer_than_ninety_observed_days_before_the_first_exposure_leave_no_baseline(audited: Audited) -> None:
    assert audited.episodes("baseline_alt") == {"too few": None, "enough": 24.0}
    assert audited.episodes("baseline_bilirubin_status") == {"too few": "uln_fallback", "enough": "normal"}


@patients("""
    who        | day        | what           | value
    long ago   | -600..-491 | mercaptopurine |
    first day  | -600..-490 | mercaptopurine |
    last day   | -401..-401 | tioguanine     |
    with it    | -400..-390 | mercaptopurine |
    no thiopurine | -450..-401 | allopurinol |
""")
def test_another_thiopurine_in_those_days_leaves_no_baseline(audited: Audited) -> None:
    assert audited.episodes("baseline_alt_status") == {
        "long ago": "normal",
        "first day": "uln_fallback",
        "last day": "uln_fallback",
        "with it": "normal",
        "no thiopurine": "normal",
    }


@patients("""
    who   | day  | what            | value
    all   |      | without         | baseline
    at    | -430 | alt             | 120
    above | -430 | alt             | 121
    bilirubin | -430 | bilirubin_total | 3.7
""")
def test_a_median_above_three_times_the_upper_limit_is_a_flare_not_a_baseline(audited: Audited) -> None:
    statuses = {"at": "abnormal", "above": "uln_fallback", "bilirubin": "uln_fallback"}
    assert audited.episodes("baseline_alt_status") == statuses
    assert audited.episodes("baseline_alt") == {"at": 120.0, "above": None, "bilirubin": None}
    assert audited.episodes("baseline_bilirubin_status")["bilirubin"] == "uln_fallback"


@patients("""
    who     | day  | what                 | value
    before  | -900 | autoimmune_hepatitis |
    on it   | -400 | autoimmune_hepatitis |
    after   | -399 | autoimmune_hepatitis |
    another | -500 | ibd                  |
""")
def test_autoimmune_hepatitis_known_by_the_first_exposure_leaves_no_baseline(audited: Audited) -> None:
    for analyte in ("alt", "ast", "bilirubin"):
        statuses = audited.episodes(f"baseline_{analyte}_status")
        assert (statuses["before"], statuses["on it"]) == ("uln_fallback", "uln_fallback")
        assert (statuses["after"], statuses["another"]) == ("normal", "normal")


@patients("""
    day  | what    | value
         | without | baseline
    -430 | alt     | <20
    -420 | alt     | >28
    -410 | alt     | 36
""")
def test_a_censored_value_enters_the_median_as_the_number_printed(audited: Audited) -> None:
    assert audited.episode("baseline_alt") == 28.0


@patients("""
    day       | what     | value
    -495..300 | observed |
    -700      | alt      | 36
              | without  | baseline
""")
def test_a_value_before_the_observation_began_makes_a_baseline(audited: Audited) -> None:
    assert audited.episode("baseline_alt") == 36.0


@patients("""
    day        | what    | value
               | without | baseline
    -430, -420, -410 | alt | 45.15/30.1
""")
def test_one_and_a_half_times_is_not_lost_in_floating_point(audited: Audited) -> None:
    assert audited.episode("baseline_alt_status") == "abnormal"
