"""RST-07: azathioprine is not restarted after a severe injury."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who      | day | what    | value
    all      |     | without | injury
    mild     | -35 | alt     | 160
    moderate | -35 | alt     | 240
    at 10    | -35 | alt     | 400
    above 10 | -35 | alt     | 401
    by ast   | -35 | ast     | 401
""")
def test_a_restart_after_more_than_ten_times_the_upper_limit_is_a_violation(audited: Audited) -> None:
    assert audited.verdicts("RST-07") == {
        "mild": "pass",
        "moderate": "pass",
        "at 10": "pass",
        "above 10": "violation",
        "by ast": "violation",
    }


@patients("""
    who               | day | what    | value
    all               |     | without | injury
    surely severe     | -35 | alt     | >400
    at least 10       | -35 | alt     | >=400
    at least moderate | -35 | alt     | >200
    at least mild     | -35 | alt     | >100
    below 10          | -35 | alt     | 160
    below 10          | -34 | alt     | <400
    at most 10        | -35 | alt     | 160
    at most 10        | -34 | alt     | <=400
    at most 10.1      | -35 | alt     | 160
    at most 10.1      | -34 | alt     | <=404
    both              | -35 | alt     | >200
    both              | -34 | alt     | <300
    below 5           | -35 | alt     | 160
    below 5           | -34 | alt     | <200
""")
def test_a_peak_that_a_censored_value_leaves_open_leaves_the_verdict_open(audited: Audited) -> None:
    assert audited.verdicts("RST-07") == {
        "surely severe": "violation",
        "at least 10": "indeterminate",
        "at least moderate": "indeterminate",
        "at least mild": "indeterminate",
        "below 10": "pass",
        "at most 10": "pass",
        "at most 10.1": "indeterminate",
        "both": "indeterminate",
        "below 5": "pass",
    }
    assert audited.episodes("grade")["below 10"] == "at_least_mild"
    assert audited.episodes("grade")["at most 10.1"] == "at_least_mild"
    below = "The injury was at least mild, not severe: peak ALT 4 x ULN on 2023-01-25."
    assert audited.findings("RST-07", "message")["below 10"] == below


@patients("""
    who          | day | what | value
    before onset | -70 | alt  | 480
    before onset | -65 | alt  | 25
    at restart   | 0   | alt  | 480
    day before   | -1  | alt  | 480
""")
def test_only_the_days_from_the_onset_to_the_day_before_the_restart_count(audited: Audited) -> None:
    assert audited.verdicts("RST-07") == {"before onset": "pass", "at restart": "pass", "day before": "violation"}


@patients("""
    day              | what    | value
                     | without | injury, baseline
    -430, -420, -410 | alt     | 100
    -35              | alt     | 401
""")
def test_the_limit_is_a_multiple_of_the_upper_limit_whatever_the_baseline(audited: Audited) -> None:
    assert audited.verdict("RST-07") == "violation"
