"""Small cohorts whose dates and values sit on the edges of every rule.

Each patient starts from a skeleton (course, elevation, break, restart, follow-up) and is then perturbed, so that
most of them have an audited episode. Days count from the first exposure.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from .chart import Chart, number, on, timeline
from .foci import FOCI, LONG
from .oracle_defaults import DEFAULTS
from .sketch import BILIRUBIN_ULN, SYMPTOMS, Sketch, take_drugs, take_others

OVERLAYS: tuple[dict[str, object], ...] = (
    {"baseline_reference_mode": "literal"},
    {"normalisation_requires": "alt_only"},
    {"normalisation_requires": "either"},
    {"min_break_days": 10},
    {"max_break_days": 30},
    {"interrupt_min_days": 10},
    {"unstable_extends": False},
    {"max_extension_blocks": 1},
    {"tolerance_weekly": 2, "tolerance_biweekly": 3},
    {"tolerance_monthly": 15, "tolerance_quarterly": 10},
    {"hard_consecutive_missed": 3, "hard_total_missed": 5},
    {"hard_total_missed": 2, "long_term_window_days": 120},
    {"renewal_overlap_days": 5},
    {"symptom_merge_days": 1, "symptom_washout_days": 7},
    {"symptom_lft_pass_days": 1, "symptom_lft_soft_days": 3},
    {"stop_symptoms": ("fatigue", "nausea", "ruq_pain")},
    {"stop_grace_days": 1, "recurrence_decision_days": 10},
    {"stop_multiple": 4.0, "stop_absolute_u_l": 150.0, "recurrence_min_x_ref": 2.0},
    {"stop_symptom_multiple": 2.0, "stop_symptom_window_days": 3, "stop_bili_window_days": 3},
    {"documented_reason_min_x_ref": 1.5, "index_elevation_min_x_ref": 3.0},
    {"index_elevation_window_before_stop": 10, "index_elevation_window_after_stop": 0},
    {"baseline_last_n": 1, "baseline_lookback_days": 100},
    {"baseline_max_x_uln": 2.0, "incident_washout_days": 30},
    {"injury_run_max_days": 20},
    {"dose_same_tolerance": 0.75, "return_to_baseline_factor": 1.0},
    {"stability_max_x_ref": 1.0},
    {"grade_moderate_min_x_uln": 3.0, "grade_severe_gt_x_uln": 5.0},
    {"death_slack_days": 59},
    {"result_lag_days": 1},
    {"result_lag_days": 14},
)


@dataclass
class Cohort:
    """A few charts, an as-of day, what differs from the edition, and which tables the extract lacks."""

    charts: list[Chart]
    as_of: int
    overlay: dict[str, object] = field(default_factory=dict)
    has_events: bool = True
    has_stays: bool = True
    extracted: int | None = None

    @property
    def setting(self) -> str:
        """All but the charts, on one line."""
        tables = f"events {self.has_events}, stays {self.has_stays}"
        return f"as of day {self.as_of}, extracted on {self.extracted}, {self.overlay}, {tables}"

    def __repr__(self) -> str:
        return "\n".join(["", self.setting, *(timeline(chart) for chart in self.charts)])


# --- what was measured --------------------------------------------------------------------------------


def draw_baseline(sketch: Sketch) -> None:
    """Values before the first dose: normal, abnormal, too high or none."""
    for analyte in ("alt", "ast", "bilirubin_total"):
        multiple = sketch.pick(0.8, 0.8, 0.5, 1.0, 1.49, 1.5, 2.0, 3.0, 3.01)
        uln = BILIRUBIN_ULN if analyte == "bilirubin_total" else sketch.pick(*sketch.ulns)
        days = sketch.draw(st.lists(st.sampled_from((0, -10, -30, -100, -364, -365, -366, 1)), max_size=4))
        sketch.base[analyte] = multiple * uln
        for day in days:
            sketch.chart.lab(day, analyte, multiple * uln + sketch.pick(0.0, 0.0, 0.0, -0.01, 0.02), uln)


def draw_injury(sketch: Sketch) -> None:
    """The elevation that led to the stop, the run before it, and what came after."""
    day = sketch.stop + sketch.pick(-1, -5, -10, 0, 7 if sketch.gap > 7 else 1)
    if sketch.rarely(6):
        sketch.enzyme(sketch.stop + sketch.pick(-31, -30, -29, 7, 8), 2.0, 2.0, 3.0)
        return
    if sketch.liver and sketch.rarely(3):
        sketch.enzyme(day, 1.0, 1.0, 1.5, 1.9)
        return
    sketch.enzyme(day, 3.5, 3.5, 5.0, 10.0, 10.5, 2.0)
    for offset in sketch.some(3, -31, -30, -29, -20, -6, 0, 1, 6, 7, 8):
        sketch.enzyme(sketch.stop + offset, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
    for offset in sketch.some(3, -99, -91, -90, -89, -60, -45, -35, -19):
        sketch.enzyme(sketch.stop + offset, 2.0, 2.0, 2.5, 1.0, 11.0)
    for offset in sketch.some(2, -18, -13, -12, -8, -6, -5, 0, 1, 7):
        sketch.chart.lab(
            sketch.stop + offset, "alp", sketch.pick(60.0, 110.0, 120.0, 210.0, 300.0), sketch.pick(120.0, 105.0)
        )


def draw_recovery(sketch: Sketch) -> None:
    """The last values before the restart."""
    for analyte in ("alt", "ast"):
        offsets = sketch.some(2, 0, 1, 13, 14, 15, 20) if sketch.rarely(3) else [sketch.pick(0, 1, 14)]
        for offset in offsets:
            sketch.enzyme(sketch.restart - offset, 0.5, 0.5, 0.5, 1.0, 1.1, analyte=analyte)
    if sketch.rarely(8):
        sketch.chart.lab(sketch.restart - 1, "alt", 100.0, 40.0)
        sketch.chart.lab(sketch.restart - 1, "ast", sketch.pick(40.0, 39.9, 40.1), 40.0)


def draw_slots(sketch: Sketch) -> None:
    """A draw at, in or just outside each window; long follow-up at the edges of the quarter."""
    fixed = [(7 * week, 3) for week in range(1, 9)] + [(74, 5), (88, 5)]
    fixed += [(day, 5) for day in sketch.some(3, 104, 118, 134, 148)]
    fixed += [(day, 10) for day in sketch.pick((), (120, 150, 180), (150, 180, 210), (180, 210, 240))]
    habit = sketch.pick((0,), (0, 0, 0, None), (0, None), (None,), (-1, 0, 1), (-2, -1, 0, 1, 2, None))
    for due, width in fixed:
        offset = sketch.pick(*habit)
        day = due if offset is None else due + {-2: -width - 1, -1: -width, 0: 0, 1: width, 2: width + 1}[offset]
        if offset is not None and (sketch.is_open or day <= sketch.length + 5):
            sketch.enzyme(sketch.restart + day, 0.5, 0.5, 0.5, 0.5, 1.0, 1.5 if sketch.rarely(6) else 0.5)
    day = sketch.restart + sketch.pick(180, 170, 190, 191, 230)
    for step in sketch.some(4, 89, 90, 91, 110, 111, 112, 200, 222, 5):
        day += step
        sketch.enzyme(day, 0.5, 1.0)
    for day in sketch.some(3, 60, 61, 75, 90, 91, 120, 121, 150, 151):
        sketch.enzyme(sketch.restart + day, 1.5, 1.5, 1.6, 2.0)


def draw_triggers(sketch: Sketch) -> None:
    """Values at the stopping multiples, with a symptom or a bilirubin near."""
    for _ in range(sketch.pick(0, 0, 1, 1, 2)):
        day = sketch.pick(
            *(sketch.restart + step for step in (0, 1, 2, 10, 30, 61)),
            *(sketch.end + step for step in (-30, -29, -5, -4, -4, -3, -3, -2, 0, 0, 1, 2, 30, 31)),
        )
        if day < sketch.restart:
            continue
        sketch.marks.append(day)
        if sketch.rarely(4):
            sketch.chart.lab(day, "alt", sketch.pick(499.0, 500.0, 501.0, 499.99), sketch.pick(40.0, 120.0))
        else:
            sketch.enzyme(day, 5.0, 5.0, 3.0, 3.0, 2.0, 4.0)
        near = day + sketch.pick(-8, -7, -3, 0, 3, 7, 8)
        kind = sketch.pick("alone", "symptom", "bilirubin", "bilirubin")
        if kind == "symptom":
            sketch.chart.event(near, sketch.pick(*SYMPTOMS))
        elif kind == "bilirubin":
            sketch.bilirubin(near, 2.0, 2.0, 1.9, 3.0)


def draw_ending(sketch: Sketch) -> None:
    """A mild rise in the last month of the restart course, with one draw or two."""
    for offset in sketch.some(3, -30, -29, -28, -10, -5, -1, 0, 1) if sketch.rarely(3) else []:
        sketch.enzyme(sketch.end + offset, 1.5, 1.5, 1.0, 2.9, 4.9)
    for offset in sketch.some(1, -30, -29, -8, 0, 1, 7) if sketch.rarely(3) else []:
        sketch.bilirubin(sketch.end + offset, 0.5, 2.0, 1.9)


def draw_symptoms(sketch: Sketch) -> None:
    """Symptoms at the edges of washout and merging, and the draws that answer them."""
    if not sketch.rarely(3):
        return
    first = sketch.pick(
        *(sketch.restart + step for step in (-5, 0, 1, 20, 50)), sketch.end - 3, sketch.end, sketch.end + 1
    )
    sketch.marks.append(first)
    for offset in (0, *sketch.some(3, 0, 1, 6, 7, 8, 29, 30, 31)):
        sketch.chart.event(first + offset, sketch.pick(*SYMPTOMS[:2], *SYMPTOMS))
    for offset in sketch.some(2, -1, 0, 2, 3, 4, 7, 8):
        sketch.enzyme(first + offset, 0.5, 1.0, 1.5, 3.0)
        for later in sketch.some(1, 1, 6, 7, 8):
            sketch.enzyme(first + offset + later, 0.5, 1.0)


def draw_liver(sketch: Sketch) -> None:
    """INR, bilirubin and anticoagulants in the break; decompensation, work-up, indications."""
    stop, restart = sketch.stop, sketch.restart
    for day in sketch.some(2, stop - 12, stop, stop + 3, restart - 1, restart):
        sketch.chart.lab(day, "inr", sketch.pick(1.49, 1.5, 1.51, 1.2), 1.2)
        for offset in sketch.some(1, -8, -7, 0, 7, 8):
            sketch.bilirubin(day + offset, 2.0, 2.0, 1.9)
        for ends in sketch.some(1, -31, -30, 0, 1):
            sketch.chart.take(day - 60, day + ends, None, drug="anticoagulant")
    for concept in sketch.some(1, "ascites", "hepatic_decompensation", "hepatic_failure"):
        sketch.chart.event(sketch.pick(stop - 50, stop, restart - 1, restart), concept)
    if sketch.rarely(3):
        sketch.chart.event(sketch.pick(stop - 20, restart, restart + 1), "benefit_risk_documented")
    if sketch.rarely(6):
        sketch.chart.event(sketch.pick(0, 1, restart, restart + 1), "autoimmune_hepatitis")
    for concept in sketch.some(2, "ibd", "sle", "transplant"):
        sketch.chart.event(sketch.pick(-1000, restart, restart + 1), concept)
    work_up(sketch)


def work_up(sketch: Sketch) -> None:
    """The four groups, each shown, missing or a day too early."""
    full = sketch.rarely(3)
    groups = (("hbsag", "anti_hbc", "hbv_dna"), ("anti_hcv", "hcv_rna"), ("ana", "sma", "igg"))
    for group in groups:
        day = sketch.pick(sketch.stop, sketch.restart, sketch.stop - 31, sketch.stop - 35, sketch.restart + 1)
        if full or sketch.rarely(4):
            concept = sketch.pick(*group)
            if sketch.rarely(2):
                sketch.chart.event(day, concept)
            else:
                sketch.chart.lab(day, concept, None)
    if full or sketch.rarely(4):
        sketch.chart.event(sketch.pick(sketch.stop, sketch.restart), sketch.pick("liver_ultrasound", "liver_ct_mri"))


def draw_counts(sketch: Sketch) -> None:
    """Weight, blood counts and stays."""
    for offset in sketch.draw(st.lists(st.sampled_from((-181, -180, -20, 0, 1)), max_size=2, unique=True)):
        sketch.chart.lab(sketch.restart + offset, "body_weight", sketch.pick(50.0, 25.0, 70.0))
    for concept, limit in sketch.some(2, ("wbc", 3.5), ("anc", 1.6), ("platelets", 140.0)):
        day = sketch.pick(sketch.restart, sketch.restart + 1, sketch.end, sketch.end + 1, sketch.end + 2)
        sketch.chart.lab(day, concept, limit + sketch.pick(-0.1, 0.0, 0.1), limit)
    for first, last in sketch.some(2, (4, 10), (5, 10), (4, 9), (11, 24), (69, 93), (69, None), (110, 200), (0, 400)):
        sketch.chart.stay(sketch.restart + first, None if last is None else sketch.restart + last)


def keep_apart(chart: Chart) -> None:
    """Drop equal values of one day up to the first dose: the rules leave open whose ULN a baseline then takes."""
    seen: set[tuple] = set()
    for row in list(chart.labs):
        key = (row["date"], row["concept"], row["value"])
        if row["date"] <= on(0) and key in seen:
            chart.labs.remove(row)
        seen.add(key)


def censor(sketch: Sketch) -> None:
    """Turn a few results into bounds, mostly raised ones; the oracle tries every possible value of each."""
    measured = [row for row in sketch.chart.labs if row["concept"] in ("alt", "ast", "alp", "bilirubin_total", "inr")]
    if sketch.rarely(2):
        late = on(sketch.pick(sketch.stop - 40, sketch.restart))
        measured = [row for row in measured if row["value"] >= row["uln"] and row["date"] >= late]
    count = sketch.pick(0, 0, 0, 1, 1, 2, 3)
    for _ in range(count if measured else 0):
        row = measured[sketch.draw(st.integers(0, len(measured) - 1))]
        row["comparator"] = sketch.pick("<", "<=", ">", ">=")


@st.composite
def charts(draw: Any, patient_id: str = "P1") -> Chart:
    """One patient."""
    return sketched(draw, patient_id).chart


def sketched(draw: Any, patient_id: str) -> Sketch:
    """Draw one patient, and keep the days that it hangs on."""
    sketch = Sketch(draw, patient_id)
    focus = sketch.pick(*FOCI) if sketch.rarely(2) else None
    if focus in LONG:
        sketch.go_on()
    for step in (take_drugs, take_others, draw_baseline, draw_injury, draw_recovery):
        step(sketch)
    if focus is not None:
        focus(sketch)
        work_up(sketch)
    else:
        for step in (draw_slots, draw_triggers, draw_ending, draw_symptoms, draw_liver, draw_counts):
            step(sketch)
    sketch.close()
    keep_apart(sketch.chart)
    censor(sketch)
    return sketch


@st.composite
def cohorts(draw: Any, most: int = 4) -> Cohort:
    """One to four patients, an as-of day in the middle of the first or long after, now and then an overlay."""
    count = draw(st.integers(1, most))
    sketches = [sketched(draw, f"P{number}") for number in range(1, count + 1)]
    first = sketches[0]
    as_of = first.edge() if first.rarely(2) else first.pick(2000, 1200, 800)
    overlay: dict[str, object] = {}
    for chosen in first.some(2, *OVERLAYS) if first.rarely(2) else []:
        if not chosen.keys() & overlay.keys():  # half of another overlay may contradict this one
            overlay |= chosen
    if first.rarely(2):
        overlay["inpatient_labs_captured"] = False
    has_events, has_stays = not first.rarely(6), not first.rarely(6)
    extracted = first.pick(as_of - 1, as_of, as_of + 1, as_of - 7, first.edge()) if first.rarely(4) else None
    return Cohort([sketch.chart for sketch in sketches], as_of, overlay, has_events, has_stays, extracted)


def pending() -> st.SearchStrategy[Cohort]:
    """A cohort as extracted on a day on or soon after one of its own facts: much is still open then."""
    return midway().map(known_by)


@st.composite
def midway(draw: Any) -> Cohort:
    """A cohort as of such a day, with the rows that come later."""
    cohort = draw(cohorts())
    facts = [(number(row["date"]), chart) for chart in cohort.charts for row in (*chart.labs, *chart.events)]
    late = sorted({day for day, chart in facts if day is not None and day >= chart.restart})
    day = draw(st.sampled_from(late)) if late else cohort.as_of
    step = draw(st.sampled_from((0, 0, 1, 2, 3, 6, 7, 8, 13, 29, 30)))
    return replace(cohort, as_of=day + step, extracted=None)


def known_by(cohort: Cohort) -> Cohort:
    """The cohort as extracted on the as-of day, without anything dated after it."""
    return replace(cohort, charts=[cut(chart, cohort.as_of) for chart in cohort.charts])


def cut(chart: Chart, as_of: int) -> Chart:
    """One chart as known on a day; a record's planned end stays."""
    day = on(as_of)
    ends = {
        name: None if chart.patient[name] is None or chart.patient[name] > day else chart.patient[name]
        for name in ("observation_end", "death_date")
    }
    stays = [row for row in chart.stays if row["admitted_on"] <= day]
    return Chart(
        chart.patient | ends,
        [row for row in chart.labs if row["date"] <= day],
        [row for row in chart.exposures if row["start_date"] <= day],
        [row for row in chart.events if row["date"] <= day],
        [
            row
            | {"discharged_on": None if row["discharged_on"] and row["discharged_on"] > day else row["discharged_on"]}
            for row in stays
        ],
        chart.restart,
    )


def parameters(cohort: Cohort) -> dict[str, object]:
    """The oracle's parameters for a cohort."""
    return DEFAULTS | cohort.overlay
