"""The released frames of what was judged: breaks, episodes and their status, slots, findings, evidence, measures.

A meaning names a parameter of the edition where a number of it decides, and never the number.
"""

from dataclasses import dataclass, field, replace

import polars as pl

from audit.frames.account import ROW_NOTES
from audit.frames.declare import COUNT, DATE, FLAG, NUMBER, TEXT, Column, Frame, listed
from audit.frames.kept import Kept
from audit.vocabulary import BREAK_CLASSES, URGENCIES, VERDICTS, WORKUP

EPISODE_ID = Column(
    "episode_id", TEXT, "Stable id of the restart: the same patient and restart date give the same id.", key=True
)
PATIENT_ID = Column("patient_id", TEXT, "The extract's patient id.")
RULE_ID = Column("rule_id", TEXT, "The rule.", key=True)
# The columns of an episode that move with the day while its course runs.
MOVING = {
    column.name: column
    for column in (
        Column("last_dose_date", DATE, "Last dose day of the restart course, as far as observed."),
        Column(
            "observed_to",
            DATE,
            "Earliest of observation end, death, the as-of date and the day on which the extract was taken.",
        ),
        Column("censor_date", DATE, "Earlier of last_dose_date and observed_to."),
        Column(
            "longest_draw_gap_days", COUNT, "Longest stretch without a draw from the restart to the censor date.", "d"
        ),
        Column("days_covered", COUNT, "Days of the restart course that a record covers.", "d"),
    )
}


def _standing(name: str, until: str = "while the course runs: see status_to_date") -> Column:
    """Return a column that moves with the day as the episode has it: null until it moves no more."""
    return replace(MOVING[name], meaning=f"{MOVING[name].meaning.removesuffix('.')}; null {until}.")


BREAKS = Frame(
    "breaks",
    "one row a break of the audited drug, or a switch to another drug of its kind after the last course",
    (
        Column("patient_id", TEXT, "The extract's patient id.", key=True),
        Column("stop_date", DATE, "Day after the last dose of the earlier course.", key=True),
        Column("restart_date", DATE, "First day of the later course; null for a switch."),
        Column("break_days", COUNT, "Drug-free days: restart_date - stop_date.", "d"),
        Column("break_class", TEXT, f"{listed(BREAK_CLASSES)}."),
        Column("site_id", TEXT, "The patient's site, or null."),
    ),
)
EPISODES = Frame(
    "episodes",
    "one row an audit episode",
    (
        EPISODE_ID,
        PATIENT_ID,
        Column("site_id", TEXT, "The patient's site, or null."),
        Column("stop_date", DATE, "Day after the last dose of the earlier course."),
        Column("restart_date", DATE, "First day of the restart course (day 0)."),
        Column("break_days", COUNT, "Drug-free days between the two.", "d"),
        Column("onset_date", DATE, "First day of the unbroken run of raised draws that led to the stop."),
        _standing("last_dose_date"),
        _standing("observed_to", "while observation goes on: see status_to_date"),
        _standing("censor_date"),
        Column(
            "death_note",
            TEXT,
            "Why the patient's death was not used: implausible_death_date or contradicted_death_date; else null.",
        ),
        Column(
            "grade",
            TEXT,
            "none, mild, moderate, severe, or at_least_none / at_least_mild / at_least_moderate where a censored "
            "value leaves it open.",
        ),
        Column(
            "ctcae_grade",
            COUNT,
            "CTCAE v5 grade of the ALT or AST increase; from the values as printed, by the median before the drug "
            "where that lies above its ULN, else by the ULN.",
        ),
        Column("peak_date", DATE, "Day of the peak."),
        Column(
            "peak_x_uln",
            NUMBER,
            "Largest ALT or AST over its ULN from onset to the day before restart; a lower bound where the peak is "
            "censored.",
            "1",
        ),
        Column("peak_u_l", NUMBER, "Largest ALT or AST in the same days.", "U/L"),
        Column("r_ratio", NUMBER, "R at onset: (ALT / ULN) / (ALP / ULN); null without an uncensored pair.", "1"),
        Column("injury_pattern", TEXT, "hepatocellular, cholestatic, mixed or null."),
        Column("baseline_alt", NUMBER, "Baseline ALT; null where uln_fallback.", "U/L"),
        Column("baseline_alt_status", TEXT, "normal, abnormal or uln_fallback."),
        Column("baseline_ast", NUMBER, "Baseline AST; null where uln_fallback.", "U/L"),
        Column("baseline_ast_status", TEXT, "normal, abnormal or uln_fallback."),
        Column("baseline_bilirubin", NUMBER, "Baseline total bilirubin; null where uln_fallback.", "mg/dL"),
        Column("baseline_bilirubin_status", TEXT, "normal, abnormal or uln_fallback."),
        Column("dose_before_mg", NUMBER, "Daily dose on the last dose day before the stop; null if unknown.", "mg/d"),
        Column("dose_at_onset_mg", NUMBER, "Daily dose in force on the onset date; null if unknown.", "mg/d"),
        Column("dose_restart_mg", NUMBER, "Daily dose on the restart date; null if unknown.", "mg/d"),
        Column(
            "dose_restart_mg_per_kg",
            NUMBER,
            "dose_restart_mg over the latest recent weight; null without either.",
            "mg/kg/d",
        ),
        Column("alternate_day", FLAG, "Every-other-day dosing on the restart date; null if the frequency is unknown."),
        Column("workup_score", COUNT, f"How many groups of the work-up are shown: {', '.join(WORKUP)}."),
        Column(
            "autoimmune_hepatitis",
            FLAG,
            "Autoimmune hepatitis coded on or before restart; null without clinical_events.",
        ),
        Column(
            "is_dose_at_least_2_mg_per_kg",
            FLAG,
            "dose_restart_mg_per_kg is at or above `high_dose_mg_per_kg`; null if unknown.",
        ),
        Column("low_wbc_count", COUNT, "White-cell results below `wbc_low`, on drug after restart."),
        Column("low_anc_count", COUNT, "Neutrophil results below `anc_low`, on drug after restart."),
        Column("low_platelets_count", COUNT, "Platelet results below `platelets_low`, on drug after restart."),
        Column(
            "systemic_corticosteroid",
            FLAG,
            "A systemic corticosteroid on the restart date or in the `corticosteroid_window_days` after it.",
        ),
        Column(
            "other_thiopurine_in_break", FLAG, "One of the edition's `other_thiopurines` covers a day of the break."
        ),
        Column(
            "resolving_ratio_date",
            DATE,
            "First day after the peak and up to restart on which AST/ALT is at or below `resolving_ratio_max`.",
        ),
        Column(
            "any_prior_severe", FLAG, "An ALT or AST above `grade_severe_gt_x_uln` times its ULN before the onset date."
        ),
        Column(
            "hys_law",
            FLAG,
            "From onset to restart an ALT or AST at or above `hys_law_enzyme_x_uln` times its ULN, and a bilirubin at "
            "or above `hys_law_bilirubin_x_uln` times its ULN within `hys_law_window_days` of it.",
        ),
        _standing("longest_draw_gap_days"),
        _standing("days_covered"),
        Column(
            "extension_blocks",
            COUNT,
            "Blocks of the schedule's stability window by which instability moved its later phases.",
        ),
        Column("recurrence", FLAG, "Hepatotoxicity recurred after the restart; null where that cannot be told."),
        Column("recurrence_date", DATE, "First day of the recurrence."),
        Column(
            "indications",
            TEXT,
            "Indications coded on or before restart, joined by |; none_coded, or null without clinical_events.",
        ),
    ),
)
STATUS_TO_DATE = Frame(
    "status_to_date",
    "one row an audit episode: what moves with the day while its course runs",
    (
        EPISODE_ID,
        PATIENT_ID,
        *MOVING.values(),
        Column(
            "urgency",
            TEXT,
            f"The gravest of its findings: {listed(URGENCIES)}; null where all are pass or not_applicable.",
        ),
        Column("urgency_reason", TEXT, "Why, in words."),
    ),
)
URGENCY = Frame(
    "urgency",
    "one row a finding that is neither pass nor not_applicable: how urgent it is, for order and for people",
    (
        EPISODE_ID,
        RULE_ID,
        Column(
            "urgency",
            TEXT,
            "act_now: a call may prevent harm, or should be made; lapsing: a window ends within a week, or a symptom "
            "waits for tests; review: another rule is broken in a course that runs; open: an advisory of one, or what "
            "could be a violation; past: all others.",
        ),
        Column("urgency_reason", TEXT, "Why, in words."),
    ),
)
SLOTS = Frame(
    "slots",
    "one row a monitoring slot of an episode",
    (
        EPISODE_ID,
        Column("rule_id", TEXT, "The rule of the phase.", key=True),
        Column("slot", COUNT, "Number of the slot within its rule, from 1.", key=True),
        Column("due_date", DATE, "The day the draw is due."),
        Column("window_start", DATE, "First day that counts."),
        Column("window_end", DATE, "Last day that counts."),
        Column("status", TEXT, "met, missed, not_due (still to come), ended (the course ended first) or excused."),
        Column("met_on", DATE, "First draw day in the window."),
    ),
)
FINDINGS = Frame(
    "findings",
    "one row an episode and rule",
    (
        EPISODE_ID,
        PATIENT_ID,
        RULE_ID,
        Column("verdict", TEXT, f"{listed(VERDICTS)}."),
        Column("reason", TEXT, "Why, from the rule's closed vocabulary."),
        Column("event_date", DATE, "The day the verdict hangs on."),
        Column("message", TEXT, "One sentence that a clinician can read: facts of the record, never the as-of date."),
        Column(
            "next_change_on",
            DATE,
            "First as-of date on which time alone, with no row changed, may change verdict, reason, event_date, "
            "message, evidence or slots; null if never.",
        ),
    ),
)
EVIDENCE = Frame(
    "evidence",
    "one row a piece of evidence for a finding",
    (
        EPISODE_ID,
        RULE_ID,
        Column(
            "role",
            TEXT,
            "What the row is to the verdict: baseline, onset, peak, pre_restart, dose_before, ...",
            key=True,
        ),
        Column(
            "source_table", TEXT, "lab_results, drug_exposures, clinical_events, inpatient_stays or patients.", key=True
        ),
        Column("source_id", TEXT, "The extract's own row id.", key=True),
        Column("date", DATE, "Date of the row as used.", key=True),
        Column("concept", TEXT, "What it is.", key=True),
        Column("value", NUMBER, "Its value, in unit."),
        Column("comparator", TEXT, "Its comparator, or null."),
        Column("unit", TEXT, "Canonical unit of value."),
        Column("x_uln", NUMBER, "Value over its ULN.", "1"),
        Column("x_reference", NUMBER, "Value over its effective reference E.", "1"),
        Column("limit_value", NUMBER, "The limit that it was held against, in unit."),
    ),
)
SENSITIVITY = Frame(
    "sensitivity",
    "one row a finding: its verdict by either reference of `baseline_reference_mode`, all else being equal",
    (
        EPISODE_ID,
        RULE_ID,
        Column(
            "verdict_effective",
            TEXT,
            "The verdict where E is the baseline only if it is abnormal, else the result's own ULN; null where the "
            "restart would not be audited so.",
        ),
        Column(
            "verdict_literal",
            TEXT,
            "The verdict where E is the baseline whatever it is; null where the restart would not be audited so.",
        ),
    ),
)
MEASURES = Frame(
    "measures",
    "one row a rule, stratum and level",
    (
        Column(
            "rule_id",
            TEXT,
            "The rule, or recurrence; recurrence and rules without a verdict are descriptive.",
            key=True,
        ),
        Column("stratum", TEXT, "overall, site, indication, grade, restart_month or regimen.", key=True),
        Column("level", TEXT, "The value of the stratum.", key=True),
        Column("episodes", COUNT, "Episodes at this level."),
        Column("applicable", COUNT, "Episodes whose verdict is not not_applicable."),
        Column("evaluable", COUNT, "Applicable and not indeterminate."),
        Column("passed", COUNT, "Verdict pass; null on a descriptive row."),
        Column("advisory", COUNT, "Verdict advisory; null on a descriptive row."),
        Column("violation", COUNT, "Verdict violation; null on a descriptive row."),
        Column("indeterminate", COUNT, "Verdict indeterminate."),
        Column(
            "rate",
            NUMBER,
            "passed / evaluable; on a descriptive row recurred / evaluable. Null when nothing is evaluable.",
            "1",
        ),
        Column("rate_low", NUMBER, "Wilson 95 % lower bound.", "1"),
        Column("rate_high", NUMBER, "Wilson 95 % upper bound.", "1"),
    ),
)
JUDGED = (BREAKS, EPISODES, STATUS_TO_DATE, URGENCY, SLOTS, FINDINGS, EVIDENCE, MEASURES, SENSITIVITY)


@dataclass(frozen=True, slots=True)
class Judged:
    """What the audit concludes: the released frames of what was judged.

    `row_notes`: what it did not use of a row (columns of ROW_NOTES), beside what was noted when the row came in.
    `unknown_doses`: one row a record whose dose its fellow records leave unknown, with the reason; what staging already
    made unknown is not among them. `kept`: the rows of everyone ever on the audited drug. `sensitivity`: the verdicts
    by either reference; without a row where nobody judged by the other one (`audit.sensitivity`).
    """

    breaks: pl.DataFrame
    episodes: pl.DataFrame
    status_to_date: pl.DataFrame
    urgency: pl.DataFrame
    slots: pl.DataFrame
    findings: pl.DataFrame
    evidence: pl.DataFrame
    measures: pl.DataFrame
    unknown_doses: pl.DataFrame
    row_notes: pl.DataFrame = field(default_factory=ROW_NOTES.empty)
    kept: Kept = field(default_factory=Kept.empty)
    sensitivity: pl.DataFrame = field(default_factory=SENSITIVITY.empty)
