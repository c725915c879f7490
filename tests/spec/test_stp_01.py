"""STP-01: treatment is interrupted at once at five times the reference or at 500 U/L."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who     | day | what | value
    alt 199 | 100 | alt  | 199
    alt 200 | 100 | alt  | 200
    ast 199 | 100 | ast  | 199
    ast 200 | 100 | ast  | 200
    none    |     | standard |
""")
def test_five_times_the_reference_is_a_trigger(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {
        "alt 199": "not_applicable",
        "alt 200": "violation",
        "ast 199": "not_applicable",
        "ast 200": "violation",
        "none": "not_applicable",
    }


@patients("""
    who     | day              | what    | value
    all     |                  | without | baseline, injury
    all     | -430, -420, -410 | alt     | 110
    all     | -430, -420, -410 | ast     | 110
    all     | -35              | alt     | 230
    alt 499 | 100              | alt     | 499
    alt 500 | 100              | alt     | 500
    ast 499 | 100              | ast     | 499
    ast 500 | 100              | ast     | 500
""")
def test_500_units_are_a_trigger_whatever_the_baseline(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {
        "alt 499": "not_applicable",
        "alt 500": "violation",
        "ast 499": "not_applicable",
        "ast 500": "violation",
    }


@patients("""
    who    | day              | what    | value
    all    |                  | without | baseline
    all    | -430, -420, -410 | alt     | 110
    within | 100              | alt     | 499.9996
    beyond | 100              | alt     | 499.999
""")
def test_500_units_are_compared_with_the_tolerance_of_ratios_times_the_limit(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {"within": "violation", "beyond": "not_applicable"}


@patients("""
    who   | day | what | value
    day 0 | 0   | alt  | 250
    day 1 | 1   | alt  | 250
""")
def test_triggers_count_from_the_day_after_the_restart(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {"day 0": "not_applicable", "day 1": "violation"}


@patients("""
    who        | day    | what         | value
    all        |        | without      | restart
    all        | 0..100 | azathioprine | 50 mg
    day after  | 101    | alt          | 250
    two after  | 102    | alt          | 250
""")
def test_a_value_of_the_day_after_the_last_dose_is_still_on_drug(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {"day after": "pass", "two after": "not_applicable"}


@patients("""
    who         | day      | what         | value
    all         |          | without      | restart
    all         | 0..100   | azathioprine | 50 mg
    all         | 105..200 | azathioprine | 50 mg
    in the gap  | 103      | alt          | 250
    first day   | 105      | alt          | 250
""")
def test_a_value_within_a_gap_of_the_course_is_not_on_drug(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {"in the gap": "not_applicable", "first day": "violation"}


@patients("""
    who               | day       | what         | value
    all               |           | without      | restart
    all               | -900..300 | observed     |
    pass and violation| 0..100    | azathioprine | 50 mg
    pass and violation| 110..     | azathioprine | 50 mg
    pass and violation| 99, 200   | alt          | 250
    pass and open     | 0..100    | azathioprine | 50 mg
    pass and open     | 110..     | azathioprine | 50 mg
    pass and open     | 99, 299   | alt          | 250
    all passed        | 0..100    | azathioprine | 50 mg
    all passed        | 110..200  | azathioprine | 50 mg
    all passed        | 99, 200   | alt          | 250
    open and violation| 0..       | azathioprine | 50 mg
    open and violation| 200, 299  | alt          | 250
""")
def test_each_trigger_is_judged_and_the_worst_counts(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {
        "pass and violation": "violation",
        "pass and open": "indeterminate",
        "all passed": "pass",
        "open and violation": "violation",
    }


@patients("""
    who         | day | what | value
    surely      | 100 | alt  | >=200
    maybe       | 100 | alt  | >100
    maybe below | 100 | alt  | <300
    at most     | 100 | alt  | <=200
    surely not  | 100 | alt  | <200
    by units    | 100 | alt  | >250/100
""")
def test_a_censored_value_is_a_trigger_only_without_doubt(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {
        "surely": "violation",
        "maybe": "indeterminate",
        "maybe below": "indeterminate",
        "at most": "indeterminate",
        "surely not": "not_applicable",
        "by units": "indeterminate",
    }


@patients("""
    who             | day      | what         | value
    all             |          | without      | restart
    all             | 100      | alt          | >100
    stopped         | 0..100   | azathioprine | 50 mg
    another too     | 0..100   | azathioprine | 50 mg
    another too     | 99       | alt          | 250
    violation       | 0..      | azathioprine | 50 mg
    violation       | 200      | alt          | 250
    pass and doubt  | 0..50    | azathioprine | 50 mg
    pass and doubt  | 60..     | azathioprine | 50 mg
    pass and doubt  | 50       | alt          | 250
""")
def test_a_doubtful_trigger_matters_only_where_it_could_change_the_verdict(audited: Audited) -> None:
    assert audited.verdicts("STP-01") == {
        "stopped": "indeterminate",
        "another too": "pass",
        "violation": "violation",
        "pass and doubt": "indeterminate",
    }


@patients("""
    day | what | value | id
    50  | alt  | 60    | mild
    100 | alt  | 250   | the trigger
""")
def test_the_evidence_shows_the_trigger(audited: Audited) -> None:
    rows = [row for row in audited.evidence("STP-01")["patient"] if row["role"] == "trigger"]
    assert [(row["source_id"], row["date"], row["value"], row["x_reference"]) for row in rows] == [
        ("the trigger", 100, 250.0, 6.25)
    ]
