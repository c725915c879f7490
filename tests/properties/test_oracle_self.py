"""The oracle on hand-made patients whose answers were worked out on paper from rules.md."""

from collections.abc import Callable

from .chart import Chart, new_chart, on
from .oracle import Audited, Told, audit_patient
from .oracle_case import Case
from .oracle_defaults import DEFAULTS

AS_OF = 900


def told(chart: Chart, as_of: int = AS_OF, events: bool = True, extracted: int | None = None, **params) -> Told:
    """Run the oracle on one chart."""
    return audit_patient(
        Case(
            chart.patient,
            chart.labs,
            chart.exposures,
            chart.events if events else None,
            chart.stays,
            DEFAULTS | params,
            on(as_of),
            extracted_on=None if extracted is None else on(extracted),
        )
    )


def restarted(last: int | None = 260, peak: float = 160.0, **columns: object) -> Chart:
    """First course days 0-99, ALT `peak` on day 95, normal on day 120, restart at 50 mg on day 125."""
    chart = new_chart()
    for day in (-20, -10, 0):
        chart.lab(day, "alt", 30.0, 40.0)
        chart.lab(day, "ast", 25.0, 40.0)
    chart.take(0, 99)
    chart.lab(95, "alt", peak, 40.0)
    chart.lab(120, "alt", 35.0, 40.0)
    chart.lab(120, "ast", 35.0, 40.0)
    chart.take(125, last, 50.0, **columns)
    return chart


def only(chart: Chart, **options) -> Audited:
    """The one episode of a chart."""
    (episode,) = told(chart, **options).episodes
    return episode


def with_rows(*rows: tuple[int, str, float]) -> Callable[[Chart], Chart]:
    """Add results after the restart; days count from the restart."""

    def add(chart: Chart) -> Chart:
        for day, concept, value in rows:
            chart.lab(125 + day, concept, value, 1.2 if concept == "bilirubin_total" else 40.0)
        return chart

    return add


def test_a_plain_restart_has_one_break_and_the_expected_columns():
    result = told(restarted())
    assert result.breaks == [
        {"stop_date": on(100), "restart_date": on(125), "break_days": 25, "break_class": "episode"}
    ]
    columns = result.episodes[0].columns
    assert columns["onset_date"] == on(95)
    assert (columns["grade"], columns["peak_x_uln"], columns["baseline_alt"]) == ("mild", 4.0, 30.0)
    assert (columns["dose_before_mg"], columns["dose_restart_mg"], columns["days_covered"]) == (100.0, 50.0, 136)
    assert columns["recurrence"] is False


def test_the_grade_sits_on_the_right_side_of_its_limits():
    grades = [only(restarted(peak=value)).columns["grade"] for value in (199.9, 200.0, 400.0, 400.1)]
    assert grades == ["mild", "moderate", "moderate", "severe"]


def test_a_break_of_thirteen_days_is_a_short_interruption_and_of_366_a_new_start():
    chart = new_chart()
    chart.take(0, 99)
    chart.take(113, 199)
    chart.take(566, None)
    classes = [(row["break_days"], row["break_class"]) for row in told(chart).breaks]
    assert classes == [(13, "short_interruption"), (366, "new_start")]


def test_a_discharge_is_unobserved_and_a_liver_stop_without_result_is_documented():
    chart = new_chart()
    chart.take(0, 99, end_type="discharge", stop_reason="hepatotoxicity")
    chart.take(120, 199, stop_reason="abnormal_lft")
    chart.take(230, 300)
    chart.take(320, 320, 50.0, drug="mercaptopurine")
    classes = [row["break_class"] for row in told(chart).breaks]
    assert classes == ["unobserved", "documented_without_lab", "thiopurine_switch"]


def test_onset_goes_back_over_raised_draws_only():
    chart = restarted()
    for day, value in ((60, 90.0), (70, 70.0), (80, 85.0), (88, 81.0)):
        chart.lab(day, "alt", value, 40.0)
    assert only(chart).columns["onset_date"] == on(80)


def test_early_renewals_count_once_and_two_tablets_add():
    for overlap, dose in ((14, 50.0), (15, 100.0)):
        chart = restarted(last=160)
        chart.take(160 - overlap + 1, 220, 50.0)
        (episode,) = told(chart, renewal_overlap_days=14).episodes
        assert episode.columns["dose_restart_mg"] == 50.0
        case = Case(chart.patient, chart.labs, chart.exposures, [], [], DEFAULTS, on(AS_OF))
        assert case.dose_on(on(160)) == dose


def test_a_trigger_is_judged_by_the_last_dose_after_it():
    for last, verdict in ((158, "pass"), (159, "violation")):
        chart = with_rows((30, "alt", 200.0))(restarted(last=last))
        episode = only(chart)
        assert episode.verdicts["STP-01"] == verdict
        assert episode.verdicts["STP-04"] == "pass"
        assert episode.columns["recurrence_date"] == on(155)
    chart = with_rows((30, "alt", 200.0))(restarted(last=157))
    assert only(chart, as_of=163).verdicts["STP-01"] == "indeterminate"
    assert only(chart, as_of=164).verdicts["STP-01"] == "pass"


def test_symptoms_make_triggers_and_duties():
    chart = with_rows((33, "alt", 130.0))(restarted())
    chart.event(125 + 40, "symptom_nausea")
    chart.event(125 + 41, "symptom_fatigue")
    episode = only(chart)
    assert (episode.verdicts["STP-02"], episode.verdicts["MON-05"]) == ("violation", "violation")
    assert only(chart, events=False).verdicts["STP-02"] == "indeterminate"
    assert only(chart, events=False).verdicts["STP-04"] == "pass"


def test_a_modest_rise_with_symptoms_needs_a_second_draw():
    chart = with_rows((20, "alt", 60.0))(restarted())
    chart.event(125 + 18, "symptom_nausea")
    assert only(chart).verdicts["STP-06"] == "advisory"
    assert only(with_rows((27, "ast", 20.0))(chart)).verdicts["STP-06"] == "pass"


def test_a_hasty_stop_for_a_mild_rise_is_advisory():
    chart = with_rows((130, "alt", 60.0))(restarted())
    assert only(chart).verdicts["STP-05"] == "advisory"
    assert only(with_rows((136, "ast", 20.0))(chart)).verdicts["STP-05"] == "pass"
    assert only(chart, as_of=260).verdicts["STP-05"] == "not_applicable"


def test_bilirubin_and_enzyme_must_be_near_each_other():
    for gap, verdict in ((7, "violation"), (8, "not_applicable")):
        chart = with_rows((30, "alt", 80.0), (30 + gap, "bilirubin_total", 2.4))(restarted())
        assert only(chart).verdicts["STP-03"] == verdict


def test_slots_extend_and_roll():
    rows = [(7 * week, "alt", 30.0) for week in range(1, 9)]
    rows += [(74, "alt", 61.0), (88, "alt", 30.0), (104, "alt", 30.0), (150, "alt", 30.0), (290, "alt", 30.0)]
    episode = only(with_rows(*rows)(restarted(last=None)))
    assert episode.columns["extension_blocks"] == 1
    assert episode.verdicts["MON-01"] == "pass"
    assert episode.verdicts["MON-02"] == "advisory"  # day 118 missed
    assert episode.verdicts["MON-03"] == "violation"  # days 180 and 210 missed in a row
    quarterly = [slot for slot in episode.slots if slot["rule_id"] == "MON-04"]
    assert (quarterly[0]["status"], quarterly[0]["met_on"]) == ("met", on(125 + 290))
    assert quarterly[1]["due_date"] == on(125 + 380)
    assert episode.verdicts["MON-04"] == "violation"


def test_a_censored_value_decides_only_where_every_true_value_agrees():
    chart = restarted(last=None)
    chart.lab(155, "alt", 200.0, 40.0, ">=")
    assert only(chart).verdicts["STP-01"] == "violation"
    chart = restarted(last=None)
    chart.lab(155, "alt", 150.0, 40.0, ">")
    assert only(chart).verdicts["STP-01"] == "indeterminate"
    chart = restarted(last=None)
    chart.lab(155, "alt", 200.0, 40.0, "<")
    assert only(chart).verdicts["STP-01"] == "not_applicable"
    chart = restarted(last=None)
    chart.lab(155, "alt", 200.0, 40.0, "<=")
    assert only(chart).verdicts["STP-01"] == "indeterminate"


def test_a_censored_peak_leaves_the_grade_open():
    chart = restarted()
    chart.lab(97, "alt", 200.0, 40.0, ">=")
    assert only(chart).columns["grade"] == "at_least_moderate"
    chart.lab(98, "alt", 400.0, 40.0, ">")
    assert only(chart).columns["grade"] == "severe"
    chart = restarted()
    chart.lab(97, "ast", 200.0, 40.0, "<")
    assert only(chart).columns["grade"] == "mild"


def test_enzymes_before_the_restart_are_judged_per_analyte():
    chart = restarted()
    chart.lab(125, "ast", 41.0, 40.0)
    assert only(chart).verdicts["RST-01"] == "violation"
    assert only(chart, normalisation_requires="alt_only").verdicts["RST-01"] == "pass"
    chart = restarted()
    chart.labs = [row for row in chart.labs if not (row["concept"] == "ast" and row["date"] == on(120))]
    assert only(chart).verdicts["RST-01"] == "indeterminate"
    assert only(chart, normalisation_requires="either").verdicts["RST-01"] == "pass"


def test_an_inr_without_bilirubin_is_open_and_an_anticoagulant_explains_it():
    chart = restarted()
    chart.lab(110, "inr", 1.5, 1.2)
    assert only(chart).verdicts["RST-08"] == "indeterminate"
    chart.lab(103, "bilirubin_total", 2.4, 1.2)
    assert only(chart).verdicts["RST-08"] == "violation"
    chart.take(60, 80, drug="anticoagulant")
    assert only(chart).verdicts["RST-08"] == "pass"


def test_an_abnormal_baseline_is_its_own_reference():
    chart = restarted()
    for row in chart.labs[:6]:
        row["value"] = 60.0
    columns = only(chart).columns
    assert (columns["baseline_alt_status"], columns["baseline_alt"]) == ("abnormal", 60.0)
    chart = with_rows((30, "alt", 299.0))(chart)
    assert only(chart).verdicts["STP-01"] == "not_applicable"
    assert only(with_rows((31, "alt", 300.0))(chart)).verdicts["STP-01"] == "violation"
