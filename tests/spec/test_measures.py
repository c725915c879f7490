"""Measures: how many of the episodes that a rule applies to, and that could be judged, kept it."""

import pytest

from tests.spec.audited import Audited
from tests.spec.patients import patients

COUNTS = ("episodes", "applicable", "evaluable", "passed", "advisory", "violation", "indeterminate")


@patients(
    """
    who      | day | what    | value
    all      |     | without | recovery
    p1..p3   | -3  | alt     | 30
    p1..p3   | -3  | ast     | 28
    a1, a2   | -20 | alt     | 30
    a1, a2   | -20 | ast     | 28
    v1       | -3  | alt     | 90
    i1       | -3  | alt     | 30
    """,
    alone=True,
)
def test_verdicts_are_counted_and_the_rate_is_passed_of_evaluable(audited: Audited) -> None:
    measure = audited.measure("RST-01")
    assert [measure[column] for column in COUNTS] == [7, 7, 6, 3, 2, 1, 1]
    assert measure["rate"] == pytest.approx(3 / 6)
    assert (measure["rate_low"], measure["rate_high"]) == pytest.approx((0.18761, 0.81239), abs=5e-5)


@patients(
    """
    who    | day | what | value
    plain  |     | standard |
    mild   | -35 | alt  | 240
    """,
    alone=True,
)
def test_an_episode_that_a_rule_does_not_apply_to_is_in_no_denominator(audited: Audited) -> None:
    measure = audited.measure("RST-06")
    assert [measure[column] for column in COUNTS] == [2, 1, 1, 0, 1, 0, 0]
    assert (measure["rate"], measure["rate_low"]) == (0.0, pytest.approx(0.0, abs=1e-9))
    assert measure["rate_high"] == pytest.approx(0.79345, abs=5e-5)


@patients(
    """
    day | what     | value
        | standard |
    """,
    alone=True,
)
def test_there_is_no_rate_when_nothing_could_be_evaluated(audited: Audited) -> None:
    measure = audited.measure("STP-01")
    assert [measure[column] for column in COUNTS] == [1, 0, 0, 0, 0, 0, 0]
    assert [measure[column] for column in ("rate", "rate_low", "rate_high")] == [None, None, None]


@patients(
    """
    who      | day | what | value
    n1, n2   |     | site | north
    s1       |     | site | south
    u1       |     | site | none
    s1       |     | without | recovery
    """,
    alone=True,
)
def test_each_site_is_a_stratum_and_an_unknown_one_is_called_so(audited: Audited) -> None:
    assert audited.levels("RST-01", "site") == {"north": 2, "south": 1, "unknown": 1}
    assert audited.measure("RST-01", "site", "north")["rate"] == 1.0
    assert audited.measure("RST-01", "site", "south")["rate"] == 0.0


@patients(
    """
    who   | day  | what                 | value
    one   | -800 | ibd                  |
    both  | -800 | ibd                  |
    both  | -700 | sle                  |
    none  |      | standard             |
    """,
    alone=True,
)
def test_a_patient_with_two_indications_counts_under_each(audited: Audited) -> None:
    assert audited.levels("RST-01", "indication") == {"ibd": 2, "sle": 1, "none_coded": 1}
    assert audited.levels("RST-01", "overall") == {"all": 3}


@patients(
    """
    day | what    | value
        | without | clinical_events
    """,
    alone=True,
)
def test_without_events_the_indication_is_unknown(audited: Audited) -> None:
    assert audited.levels("RST-01", "indication") == {"unknown": 1}


@patients(
    """
    who      | day | what     | value
    mild     |     | standard |
    moderate | -35 | alt      | 240
    also     | -35 | alt      | 280
    open     | -35 | alt      | >240
    """,
    alone=True,
)
def test_each_grade_is_a_stratum(audited: Audited) -> None:
    assert audited.levels("RST-07", "grade") == {"mild": 1, "moderate": 2, "at_least_moderate": 1}


@patients(
    """
    who    | day        | what         | value
    march  |            | standard     |
    later  |            | without      | restart, first course, injury, recovery, monitoring
    later  | -400..-1   | azathioprine | 100 mg
    later  | -5         | alt          | 160
    later  | 33..       | azathioprine | 50 mg
    """,
    alone=True,
)
def test_each_month_of_restart_is_a_stratum(audited: Audited) -> None:
    assert audited.levels("RST-01", "restart_month") == {"2023-03": 1, "2023-04": 1}


@patients(
    """
    who      | day | what     | value
    p1..p23  |     | standard |
    r1..r8   | 100 | alt      | 130
    """,
    alone=True,
)
def test_eight_recurrences_of_31_have_the_wilson_interval_of_the_article(audited: Audited) -> None:
    measure = audited.measure("recurrence")
    assert (measure["episodes"], measure["evaluable"]) == (31, 31)
    assert measure["rate"] == pytest.approx(8 / 31)
    assert (measure["rate_low"], measure["rate_high"]) == pytest.approx((0.137, 0.432), abs=5e-4)


@patients(
    """
    who        | day    | what         | value
    all        |        | without      | restart, monitoring
    ninety     | 0..89  | azathioprine | 50 mg
    fewer      | 0..88  | azathioprine | 50 mg
    recurred   | 0..20  | azathioprine | 50 mg
    recurred   | 10     | alt          | 130
    """,
    alone=True,
)
def test_the_recurrence_rate_is_of_episodes_with_ninety_days_on_drug_or_an_event(audited: Audited) -> None:
    measure = audited.measure("recurrence")
    assert (measure["episodes"], measure["evaluable"]) == (3, 2)
    assert measure["rate"] == pytest.approx(1 / 2)


@patients(
    """
    who        | day | what     | value
    plain      |     | standard |
    """,
    alone=True,
)
def test_a_descriptive_row_counts_no_verdicts(audited: Audited) -> None:
    measure = audited.measure("recurrence")
    assert [measure[column] for column in ("passed", "advisory", "violation")] == [None, None, None]
    assert measure["rate"] == 0.0


@patients(
    """
    who        | day | what     | value
    plain      | 100 | alt      | >60
    """,
    alone=True,
)
def test_a_doubtful_recurrence_is_in_no_denominator(audited: Audited) -> None:
    measure = audited.measure("recurrence")
    assert (measure["episodes"], measure["evaluable"], measure["rate"]) == (1, 0, None)
