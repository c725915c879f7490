"""STP-03: treatment stops at twice the reference with bilirubin at twice its own."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who    | day | what            | value
    all    | 100 | bilirubin_total | 3.0
    alt 79 | 100 | alt             | 79
    alt 80 | 100 | alt             | 80
    ast 79 | 100 | ast             | 79
    ast 80 | 100 | ast             | 80
""")
def test_twice_the_reference_with_raised_bilirubin_is_a_trigger(audited: Audited) -> None:
    assert audited.verdicts("STP-03") == {
        "alt 79": "not_applicable",
        "alt 80": "violation",
        "ast 79": "not_applicable",
        "ast 80": "violation",
    }


@patients("""
    who   | day | what            | value
    all   | 100 | alt             | 90
    below | 100 | bilirubin_total | 2.3
    at    | 100 | bilirubin_total | 2.4
    above | 100 | bilirubin_total | 2.5
    none  |     | standard        |
""")
def test_bilirubin_is_raised_at_twice_its_reference(audited: Audited) -> None:
    assert audited.verdicts("STP-03") == {
        "below": "not_applicable",
        "at": "violation",
        "above": "violation",
        "none": "not_applicable",
    }


@patients("""
    who   | day              | what            | value
    all   |                  | without         | baseline
    all   | -430, -420, -410 | bilirubin_total | 2.4
    all   | 100              | alt             | 90
    below | 100              | bilirubin_total | 4.7
    at    | 100              | bilirubin_total | 4.8
""")
def test_a_patient_with_gilberts_syndrome_is_judged_against_the_own_baseline(audited: Audited) -> None:
    assert audited.verdicts("STP-03") == {"below": "not_applicable", "at": "violation"}


@patients("""
    who          | day | what            | value
    all          | 100 | alt             | 90
    eight before | 92  | bilirubin_total | 3.0
    seven before | 93  | bilirubin_total | 3.0
    seven after  | 107 | bilirubin_total | 3.0
    eight after  | 108 | bilirubin_total | 3.0
""")
def test_enzyme_and_bilirubin_lie_within_a_week_of_each_other(audited: Audited) -> None:
    assert audited.verdicts("STP-03") == {
        "eight before": "not_applicable",
        "seven before": "violation",
        "seven after": "violation",
        "eight after": "not_applicable",
    }


@patients("""
    who                | day | what            | value
    bilirubin on day 0 | 0   | bilirubin_total | 3.0
    bilirubin on day 0 | 5   | alt             | 90
    bilirubin on day 1 | 1   | bilirubin_total | 3.0
    bilirubin on day 1 | 5   | alt             | 90
    enzyme on day 0    | 0   | alt             | 90
    enzyme on day 0    | 5   | bilirubin_total | 3.0
    enzyme on day 1    | 1   | alt             | 90
    enzyme on day 1    | 5   | bilirubin_total | 3.0
""")
def test_both_lie_after_the_restart_day(audited: Audited) -> None:
    assert audited.verdicts("STP-03") == {
        "bilirubin on day 0": "not_applicable",
        "bilirubin on day 1": "violation",
        "enzyme on day 0": "not_applicable",
        "enzyme on day 1": "violation",
    }


@patients("""
    who             | day    | what            | value
    all             |        | without         | restart
    bilirubin later | 100    | alt             | 90
    bilirubin later | 105    | bilirubin_total | 3.0
    bilirubin later | 0..108 | azathioprine    | 50 mg
    enzyme later    | 105    | alt             | 90
    enzyme later    | 100    | bilirubin_total | 3.0
    enzyme later    | 0..108 | azathioprine    | 50 mg
    too late        | 100    | alt             | 90
    too late        | 105    | bilirubin_total | 3.0
    too late        | 0..109 | azathioprine    | 50 mg
""")
def test_the_later_of_the_two_is_the_trigger(audited: Audited) -> None:
    assert audited.verdicts("STP-03") == {"bilirubin later": "pass", "enzyme later": "pass", "too late": "violation"}


@patients("""
    who       | day    | what            | value
    all       |        | without         | restart
    all       | 100    | alt             | 90
    all       | 103    | bilirubin_total | 3.0
    day after | 0..102 | azathioprine    | 50 mg
    two after | 0..101 | azathioprine    | 50 mg
""")
def test_the_trigger_is_on_drug(audited: Audited) -> None:
    assert audited.verdicts("STP-03") == {"day after": "pass", "two after": "not_applicable"}


@patients("""
    who  | day      | what            | value
    all  |          | without         | restart
    all  | 0..100   | azathioprine    | 50 mg
    all  | 110..    | azathioprine    | 50 mg
    all  | 100      | alt             | 90
    all  | 100      | bilirubin_total | 3.0
    one  |          | standard        |
    two  | 200      | alt             | 90
    two  | 200      | bilirubin_total | 3.0
""")
def test_each_trigger_is_judged_and_the_worst_counts(audited: Audited) -> None:
    assert audited.verdicts("STP-03") == {"one": "pass", "two": "violation"}


@patients("""
    who               | day | what            | value
    surely            | 100 | alt             | >=80
    surely            | 100 | bilirubin_total | >=2.4
    enzyme maybe      | 100 | alt             | >50
    enzyme maybe      | 100 | bilirubin_total | 3.0
    enzyme not        | 100 | alt             | <80
    enzyme not        | 100 | bilirubin_total | 3.0
    bilirubin maybe   | 100 | alt             | 90
    bilirubin maybe   | 100 | bilirubin_total | <=2.4
    bilirubin not     | 100 | alt             | 90
    bilirubin not     | 100 | bilirubin_total | <2.4
    maybe without any | 100 | alt             | >50
""")
def test_a_censored_value_is_a_trigger_only_without_doubt(audited: Audited) -> None:
    assert audited.verdicts("STP-03") == {
        "surely": "violation",
        "enzyme maybe": "indeterminate",
        "enzyme not": "not_applicable",
        "bilirubin maybe": "indeterminate",
        "bilirubin not": "not_applicable",
        "maybe without any": "not_applicable",
    }


@patients("""
    who     | day       | what            | value
    all     |           | without         | monitoring
    all     | 100       | alt             | 90
    all     | 100       | bilirubin_total | 3.0
    day 103 | -900..103 | observed        |
    day 104 | -900..104 | observed        |
""")
def test_while_the_days_of_grace_run_it_is_too_early(audited: Audited) -> None:
    assert audited.verdicts("STP-03") == {"day 103": "indeterminate", "day 104": "violation"}
