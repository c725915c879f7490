"""The columns of every frame that crosses a border: name, type, key, unit, one line of meaning.

The five staged frames come in, the released frames go out. Nothing else writes a column list:
tests, the data dictionary, the empty frames and the release all read this module.
"""

from dataclasses import dataclass, field

import polars as pl

VERDICTS = ("pass", "violation", "advisory", "indeterminate", "not_applicable")
SYMPTOMS = ("symptom_fatigue", "symptom_nausea", "symptom_ruq_pain", "symptom_jaundice")
SEROLOGIES = ("hbsag", "anti_hbc", "hbv_dna", "anti_hcv", "hcv_rna", "ana", "sma", "igg")
DECOMPENSATION = (
    "hepatic_decompensation",
    "ascites",
    "hepatic_encephalopathy",
    "variceal_bleed",
    "hepatorenal",
    "spontaneous_bacterial_peritonitis",
    "hepatic_failure",
)
INDICATIONS = ("autoimmune_hepatitis", "ibd", "rheumatoid_arthritis", "sle", "transplant")

TEXT, DATE, NUMBER, COUNT, FLAG = pl.String(), pl.Date(), pl.Float64(), pl.Int64(), pl.Boolean()


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column; `key` marks the grain, `unit` is UCUM or empty."""

    name: str
    dtype: pl.DataType
    meaning: str
    unit: str = ""
    key: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """One declared frame: what a row is, and its columns in order."""

    name: str
    grain: str
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pl.Schema:
        """Return the polars schema, in order."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    @property
    def names(self) -> list[str]:
        """Return the column names, in order."""
        return [column.name for column in self.columns]

    @property
    def keys(self) -> list[str]:
        """Return the key columns: what a row is unique by and sorted on."""
        return [column.name for column in self.columns if column.key]

    def empty(self) -> pl.DataFrame:
        """Return the frame with no rows."""
        return pl.DataFrame(schema=self.schema)


# --- staged: what the warehouse hands over, one row a fact, codes already concepts ----------------

PATIENTS = Frame(
    "patients",
    "one row a patient who ever took the audited drug",
    (
        Column("patient_id", TEXT, "The extract's patient id.", key=True),
        Column("sex", TEXT, "F, M or null."),
        Column("birth_year", COUNT, "Calendar year of birth, or null."),
        Column("site_id", TEXT, "The site, or null."),
        Column("observation_start", DATE, "First day that the feed covers."),
        Column("observation_end", DATE, "Last day that the feed covers; null while it goes on."),
        Column("death_date", DATE, "Day of death, or null."),
    ),
)
LABS = Frame(
    "labs",
    "one row a valid result of a listed concept, current version, dated on or before the as-of date",
    (
        Column("result_id", TEXT, "The extract's result id.", key=True),
        Column("patient_id", TEXT, "The patient."),
        Column("date", DATE, "Local calendar date of collection."),
        Column("concept", TEXT, "What was measured (labs of interfaces.md section 1)."),
        Column("value", NUMBER, "Value in the canonical unit; null only for a serology."),
        Column("comparator", TEXT, "<, <=, >, >= or null: value is then a bound of the true value."),
        Column(
            "uln",
            NUMBER,
            "Upper limit of normal in the canonical unit; never null for alt, ast, alp, bilirubin_total, inr.",
        ),
        Column("uln_source", TEXT, "printed, site, default or null where the concept has no limit."),
        Column("unit", TEXT, "Canonical UCUM unit."),
    ),
)
EXPOSURES = Frame(
    "exposures",
    "one row a valid exposure record of a listed drug, current version, begun on or before the as-of date",
    (
        Column("exposure_id", TEXT, "The extract's exposure id.", key=True),
        Column("patient_id", TEXT, "The patient."),
        Column("concept", TEXT, "The drug (drugs of interfaces.md section 1)."),
        Column("product", TEXT, "Vocabulary and code as received: tells a renewal from another tablet."),
        Column("start_date", DATE, "First dose day."),
        Column("end_date", DATE, "Last dose day as received; null where the extract has none."),
        Column("days_supply", COUNT, "Days supplied, or null."),
        Column("daily_dose_mg", NUMBER, "Average dose a day; null where unknown or implausible.", "mg/d"),
        Column("frequency", TEXT, "QOD for every other day however spelt; other text or null."),
        Column("end_type", TEXT, "explicit, supply, ongoing, discharge or null."),
        Column("stop_reason", TEXT, "hepatotoxicity, abnormal_lft, other text or null."),
        Column("route", TEXT, "Route as received, or null."),
        Column(
            "length_basis",
            TEXT,
            "What the record's end rests on where it is not told: refills or assumed; null where it is told.",
        ),
    ),
)
EVENTS = Frame(
    "events",
    "one row a listed concept of a clinical event, current version, dated on or before the as-of date",
    (
        Column("event_id", TEXT, "The extract's event id; it comes for each concept of its code.", key=True),
        Column("patient_id", TEXT, "The patient."),
        Column("date", DATE, "Day of the event."),
        Column("concept", TEXT, "What happened (events of interfaces.md section 1).", key=True),
    ),
)
STAYS = Frame(
    "stays",
    "one row an inpatient stay",
    (
        Column("stay_id", TEXT, "The extract's stay id.", key=True),
        Column("patient_id", TEXT, "The patient."),
        Column("admitted_on", DATE, "First day of the stay."),
        Column("discharged_on", DATE, "Last day of the stay; null while it goes on."),
    ),
)
STAGED = (PATIENTS, LABS, EXPOSURES, EVENTS, STAYS)

# --- released -------------------------------------------------------------------------------------

EPISODE_ID = Column(
    "episode_id", TEXT, "Stable id of the restart: the same patient and restart date give the same id.", key=True
)
PATIENT_ID = Column("patient_id", TEXT, "The extract's patient id.")

BREAKS = Frame(
    "breaks",
    "one row a break of the audited drug (and a thiopurine switch after the last course)",
    (
        Column("patient_id", TEXT, "The extract's patient id.", key=True),
        Column("stop_date", DATE, "Day after the last dose of the earlier course.", key=True),
        Column("restart_date", DATE, "First day of the later course; null for a thiopurine switch."),
        Column("break_days", COUNT, "Drug-free days: restart_date - stop_date.", "d"),
        Column(
            "break_class",
            TEXT,
            "episode, unobserved, new_start, documented_without_lab, no_elevation, short_interruption or "
            "thiopurine_switch.",
        ),
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
        Column("last_dose_date", DATE, "Last dose day of the restart course, as far as observed."),
        Column(
            "observed_to",
            DATE,
            "Earliest of observation end, death, the as-of date and the day on which the extract was taken.",
        ),
        Column("censor_date", DATE, "Earlier of last_dose_date and observed_to."),
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
            "CTCAE v5 grade of the ALT or AST increase, 0 to 4; from the values as printed, by the median before "
            "the drug where that lies above its ULN, else by the ULN.",
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
        Column("workup_score", COUNT, "Groups of the work-up shown, 0 to 4 (RST-02)."),
        Column(
            "autoimmune_hepatitis",
            FLAG,
            "Autoimmune hepatitis coded on or before restart; null without clinical_events.",
        ),
        Column(
            "is_dose_at_least_2_mg_per_kg", FLAG, "Restart dose at or above the article's 2 mg/kg/day; null if unknown."
        ),
        Column("low_wbc_count", COUNT, "White-cell results below the limit, on drug after restart."),
        Column("low_anc_count", COUNT, "Neutrophil results below the limit, on drug after restart."),
        Column("low_platelets_count", COUNT, "Platelet results below the limit, on drug after restart."),
        Column("systemic_corticosteroid", FLAG, "A systemic corticosteroid on any day 0 to 29."),
        Column("other_thiopurine_in_break", FLAG, "Another thiopurine covers a day of the break."),
        Column("resolving_ratio_date", DATE, "First same-day AST/ALT <= 0.4 after the peak and up to restart."),
        Column("any_prior_severe", FLAG, "An ALT or AST above the severe limit before the onset date."),
        Column(
            "hys_law", FLAG, "ALT or AST >= 3 x ULN from onset to restart with bilirubin >= 2 x ULN within 30 days."
        ),
        Column("longest_draw_gap_days", COUNT, "Longest stretch without a draw from day 0 to the censor date.", "d"),
        Column("days_covered", COUNT, "Days of the restart course that a record covers.", "d"),
        Column("extension_blocks", COUNT, "30-day blocks by which instability moved the schedule."),
        Column("recurrence", FLAG, "Hepatotoxicity recurred after the restart (STP-04)."),
        Column("recurrence_date", DATE, "First day of the recurrence."),
        Column(
            "indications",
            TEXT,
            "Indications coded on or before restart, joined by |; none_coded, or null without clinical_events.",
        ),
    ),
)
SLOTS = Frame(
    "slots",
    "one row a monitoring slot of an episode",
    (
        EPISODE_ID,
        Column("rule_id", TEXT, "MON-01 to MON-04.", key=True),
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
        Column("rule_id", TEXT, "The rule.", key=True),
        Column("verdict", TEXT, "pass, violation, advisory, indeterminate or not_applicable."),
        Column("reason", TEXT, "Why, from the rule's closed vocabulary."),
        Column("event_date", DATE, "The day the verdict hangs on."),
        Column("message", TEXT, "One sentence that a clinician can read."),
        Column("next_change_on", DATE, "First as-of date on which time alone may change the verdict; null if never."),
    ),
)
EVIDENCE = Frame(
    "evidence",
    "one row a piece of evidence for a finding",
    (
        EPISODE_ID,
        Column("rule_id", TEXT, "The rule.", key=True),
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
        Column("concept", TEXT, "What it is."),
        Column("value", NUMBER, "Its value, in unit."),
        Column("comparator", TEXT, "Its comparator, or null."),
        Column("unit", TEXT, "Canonical unit of value."),
        Column("x_uln", NUMBER, "Value over its ULN.", "1"),
        Column("x_reference", NUMBER, "Value over its effective reference E.", "1"),
        Column("limit_value", NUMBER, "The limit that it was held against, in unit."),
    ),
)
MEASURES = Frame(
    "measures",
    "one row a rule, stratum and level",
    (
        Column("rule_id", TEXT, "The rule; RST-05 and recurrence are descriptive.", key=True),
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
REJECTS = Frame(
    "rejects",
    "one row a rejected row and the first rule that it broke",
    (
        Column("table_name", TEXT, "The received table.", key=True),
        Column(
            "row_number",
            COUNT,
            "Position in the received table, from 1; of mapped rows, among the rejects.",
            key=True,
        ),
        Column("source_id", TEXT, "The row's own id, or null."),
        Column("reason", TEXT, "Reason code."),
        Column("detail", TEXT, "The rule that it broke, in words."),
        Column("row", TEXT, "The row as text (JSON)."),
    ),
)
RELEASED = (BREAKS, EPISODES, SLOTS, FINDINGS, EVIDENCE, MEASURES, REJECTS)
JUDGED = RELEASED[:-1]
ROW_NOTES = {"table_name": TEXT, "source_id": TEXT, "note": TEXT}


@dataclass(frozen=True, slots=True)
class Staged:
    """The five staged frames; events and stays are None where the extract lacks the table."""

    patients: pl.DataFrame
    labs: pl.DataFrame
    exposures: pl.DataFrame
    events: pl.DataFrame | None = None
    stays: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What the audit concludes: every released frame but the rejects.

    `row_notes`: what it did not use of a row (columns of ROW_NOTES), beside what was noted when the row came in.
    `unknown_doses`: one row a record whose dose its fellow records leave unknown, with the reason; what staging already
    made unknown is not among them.
    """

    breaks: pl.DataFrame
    episodes: pl.DataFrame
    slots: pl.DataFrame
    findings: pl.DataFrame
    evidence: pl.DataFrame
    measures: pl.DataFrame
    unknown_doses: pl.DataFrame
    row_notes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ROW_NOTES))
