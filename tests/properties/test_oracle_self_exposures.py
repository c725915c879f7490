"""The oracle on records, deaths and feeds that leave doubt; every answer was worked out on paper from rules.md."""

from datetime import date

import pytest

from .chart import Chart, new_chart, on
from .oracle_case import Case
from .oracle_defaults import DEFAULTS
from .oracle_records import told_last
from .test_oracle_self import AS_OF, only, restarted, told


def case_of(chart: Chart, as_of: int = AS_OF, extracted: int | None = None, **params: object) -> Case:
    """One chart as the oracle reads it."""
    read_on = None if extracted is None else on(extracted)
    return Case(chart.patient, chart.labs, chart.exposures, [], [], DEFAULTS | params, on(as_of), extracted_on=read_on)


def doses(chart: Chart, *days: int, **options) -> list[float | None]:
    """The dose of some days."""
    return [case_of(chart, **options).dose_on(on(day)) for day in days]


# --- one order written twice --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("apart", "expected"), [(0, [None] * 3), (13, [None] * 3), (14, [None] * 3), (15, [100.0, 100.0, 50.0])]
)
def test_equal_orders_whose_ends_lie_near_make_the_dose_of_their_days_unknown(apart, expected):
    chart = new_chart()
    chart.take(0, 99, 50.0)
    chart.take(0, 99 - apart, 50.0)
    assert doses(chart, 0, 84, 99) == expected


@pytest.mark.parametrize(
    ("column", "one", "two", "dose"),
    [
        ("frequency", "QD", "BID", 100.0),
        ("frequency", "QD", None, None),
        ("frequency", None, None, None),
        ("route", "oral", "intravenous", 100.0),
        ("route", "oral", "oral", None),
        ("route", None, "oral", None),
        ("product", "a", "b", 100.0),
        ("daily_dose_mg", 50.0, 50.5, 100.5),
        ("start_date", on(0), on(1), 100.0),
    ],
)
def test_what_tells_two_orders_apart(column, one, two, dose):
    chart = new_chart()
    for value in (one, two):
        chart.take(0, 99, 50.0, **{"frequency": "QD", column: value})
    assert doses(chart, 50) == [dose]


# --- how long a record lasts --------------------------------------------------------------------------


@pytest.mark.parametrize(("supply", "last"), [(-1, None), (0, None), (1, 0), (400, 399), (401, None), (None, None)])
def test_a_supply_outside_1_to_400_is_unknown(supply, last):
    chart = new_chart()
    chart.take(0, None, days_supply=supply)
    assert told_last(chart.exposures[0]) == (None if last is None else on(last))


def test_an_end_comes_before_a_supply():
    chart = new_chart()
    chart.take(0, 9, days_supply=30)
    assert told_last(chart.exposures[0]) == on(9)


@pytest.mark.parametrize("basis", ["refills", "assumed"])
def test_days_that_rest_on_refills_or_an_assumption_end_before_the_next_alike_record(basis):
    chart = new_chart()
    chart.take(0, 89, 50.0, length_basis=basis)
    chart.take(30, 40, 50.0)
    assert doses(chart, 29, 30, 40, 41) == [50.0, 50.0, 50.0, None]
    for other in ({"dose": 25.0}, {"product": "b"}):
        chart = new_chart()
        chart.take(0, 89, 50.0, length_basis=basis)
        chart.take(30, 40, **{"dose": 50.0} | other)
        assert doses(chart, 29, 30, 41) == [50.0, 50.0 + other.get("dose", 50.0), 50.0]


def test_days_that_rest_on_refills_never_add_to_a_told_record():
    for start in (0, 20):
        chart = new_chart()
        chart.take(0, 99, 50.0)
        chart.take(start, start + 29, 50.0, length_basis="refills")
        assert doses(chart, 25, 99) == [50.0, 50.0]
        chart.exposures[1]["length_basis"] = None
        assert doses(chart, 25, 99) == [100.0, 50.0]


def test_a_break_after_an_assumed_end_is_unobserved():
    for basis, expected in (("assumed", "unobserved"), ("refills", "episode"), (None, "episode")):
        chart = restarted()
        chart.exposures[0]["length_basis"] = basis
        assert [row["break_class"] for row in told(chart).breaks] == [expected]
        chart.take(50, 99, 25.0)  # a told end on the same day: the stop rests on that
        assert [row["break_class"] for row in told(chart).breaks] == ["episode"]


# --- deaths -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "used"), [(59, True), (60, True), (61, False)])
@pytest.mark.parametrize("by", ["draw", "start"])
def test_a_death_that_a_draw_or_a_start_contradicts_is_not_used(days, used, by):
    chart = new_chart(death=100)
    chart.take(0, 300)
    if by == "draw":
        chart.lab(100 + days, "ast", 20.0, 40.0)
    else:
        chart.take(100 + days, 300)
    assert case_of(chart).observed_to == on(100 if used else AS_OF)
    # What is not yet in the feed contradicts nothing.
    assert case_of(chart, as_of=100 + days - 1).observed_to == on(100)
    assert case_of(chart, extracted=100 + days - 1).observed_to == on(100)


def test_only_draws_and_the_audited_drug_contradict_a_death():
    chart = new_chart(death=100, end=90)
    chart.take(0, 300)
    chart.take(200, 300, drug="mercaptopurine")
    chart.lab(200, "alp", 100.0, 120.0)
    assert case_of(chart).observed_to == on(90)
    assert case_of(chart).death == on(100)
    chart.lab(200, "alt", 20.0, 40.0)  # after the end of the observation, and yet of the feed
    assert case_of(chart).death is None


@pytest.mark.parametrize(
    ("death", "start", "born", "used"),
    [
        (date(1900, 1, 1), date(1900, 1, 1), None, False),
        (date(1900, 1, 2), date(1900, 1, 1), None, True),
        (on(4), on(5), None, False),
        (on(5), on(5), None, True),
        (on(5), on(0), 2022, False),
        (on(5), on(0), 2021, True),
    ],
)
def test_a_death_before_its_row_allows_is_not_used(death, start, born, used):
    chart = new_chart()
    chart.patient |= {"death_date": death, "observation_start": start, "birth_year": born}
    assert (case_of(chart).death is not None) == used


# --- the end of the feed ------------------------------------------------------------------------------


def test_observation_ends_on_the_day_of_the_extract():
    chart = restarted(last=None)
    for extracted, observed_to in ((200, 200), (AS_OF, AS_OF), (AS_OF + 1, AS_OF), (None, AS_OF)):
        assert case_of(chart, extracted=extracted).observed_to == on(observed_to)
    assert told(chart, extracted=120).breaks == []


def statuses(episode, rule_id: str) -> list[str]:
    """The status of each slot of a rule."""
    return [slot["status"] for slot in episode.slots if slot["rule_id"] == rule_id]


def test_a_slot_is_missed_once_its_results_must_have_come():
    chart = restarted(last=None)
    window_end = 125 + 10
    for as_of, lag, status in ((0, 0, "missed"), (-1, 0, "not_due"), (2, 3, "not_due"), (3, 3, "missed")):
        assert statuses(only(chart, as_of=window_end + as_of, result_lag_days=lag), "MON-01")[0] == status
    extracted = only(chart, extracted=window_end + 2, result_lag_days=3)
    assert statuses(extracted, "MON-01")[0] == "not_due"
    assert extracted.verdicts["MON-01"] == "not_applicable"


def test_a_slot_whose_course_ended_first_is_ended():
    chart = restarted(last=125 + 20)
    assert statuses(only(chart), "MON-01") == ["missed", "missed", *["ended"] * 6]
    assert statuses(only(chart, as_of=125 + 20), "MON-01")[2:] == ["not_due"] * 6
    assert statuses(only(chart, as_of=125 + 21), "MON-01")[2:] == ["ended"] * 6
    assert statuses(only(chart), "MON-04") == ["ended"]


# --- grades -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peak", "comparator", "grade", "verdict"),
    [
        (401.0, None, "severe", "violation"),
        (400.0, None, "moderate", "pass"),
        (400.0, "<=", "at_least_none", "pass"),
        (401.0, "<=", "at_least_none", "indeterminate"),
        (390.0, ">", "at_least_moderate", "indeterminate"),
        (400.0, ">", "severe", "violation"),
    ],
)
def test_a_restart_is_open_only_where_the_peak_could_be_severe(peak, comparator, grade, verdict):
    chart = restarted(peak=80.0)
    chart.labs = [row for row in chart.labs if row["date"] != on(95)]
    chart.exposures[0]["stop_reason"] = "hepatotoxicity"
    chart.lab(95, "alt", 80.0, 40.0)
    chart.lab(97, "alt", peak, 40.0, comparator)
    episode = only(chart)
    surest = "at_least_mild" if grade == "at_least_none" else grade  # the 80 beside it
    assert (episode.columns["grade"], episode.verdicts["RST-07"]) == (surest, verdict)


@pytest.mark.parametrize(
    ("before", "peak", "grade"),
    [
        (40.0, 120.0, 1),
        (40.0, 120.1, 2),
        (40.1, 120.4, 2),  # 3.0 x 40.1 = 120.3
        (40.1, 120.2, 1),
        (60.0, 180.0, 1),
        (60.0, 300.1, 3),
        (60.0, 1200.1, 4),
        (140.0, 209.9, 0),  # above the bound of a baseline, and yet the reference: 1.5 x 140 = 210
        (140.0, 210.0, 1),
    ],
)
def test_ctcae_counts_from_a_median_above_its_limit(before, peak, grade):
    chart = restarted(peak=peak)
    for row in chart.labs[:6]:
        row["value"] = before if row["concept"] == "alt" else 25.0
    assert only(chart).columns["ctcae_grade"] == grade
    chart.event(-30, "autoimmune_hepatitis")
    assert only(chart).columns["ctcae_grade"] == grade
