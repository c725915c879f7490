"""Every share that the synthetic cohort is drawn from, named once.

A table whose shares are alternatives sums to 1; in the others each share is drawn independently.
The shares are chosen so that every verdict of every rule turns up in a few thousand patients: they
describe no hospital.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

CHUNK = 5_000  # patients drawn together: what is held in memory, and one Parquet part
EXTRACTED_ON = date(2026, 6, 30)

Shares = Mapping[str, float]


def _shares(**shares: float) -> Shares:
    return MappingProxyType(shares)


# --- patients -------------------------------------------------------------------------------------

COHORT = _shares(
    takes_azathioprine=0.40,
    female=0.56,
    sex_missing=0.005,
    birth_year_missing=0.01,
    site_missing=0.003,
    abnormal_enzyme_baseline=0.12,
    gilbert=0.05,
    flare_before_first_dose=0.03,
    lab_without_ast=0.04,
    anticoagulated=0.06,
    observation_ended=0.35,
    died=0.03,
    observed_too_briefly_before_first_dose=0.12,
)
INDICATIONS = _shares(
    ibd=0.55, rheumatoid_arthritis=0.10, sle=0.10, transplant=0.10, autoimmune_hepatitis=0.07, none=0.08
)

# --- how the first course of azathioprine ends ------------------------------------------------------

FIRST_COURSE = _shares(
    ongoing=0.25,
    stopped=0.18,
    stopped_liver=0.07,
    switch=0.04,
    episode=0.23,
    documented_without_lab=0.02,
    no_elevation=0.08,
    new_start=0.05,
    unobserved=0.03,
    short_interruption=0.05,
)
RESTARTED = ("episode", "documented_without_lab", "no_elevation", "new_start", "unobserved", "short_interruption")
LIVER_STOP = _shares(hepatotoxicity=0.35, abnormal_lft=0.30, unstated=0.25, intolerance=0.10)
OTHER_STOP = _shares(unstated=0.45, remission=0.20, patient_choice=0.20, intolerance=0.15)

# --- restarts: one table a rule ----------------------------------------------------------------------

INJURY_GRADE = _shares(documented_mild=0.04, mild=0.59, moderate=0.29, severe=0.08)
INJURY_PATTERN = _shares(hepatocellular=0.45, mixed=0.35, cholestatic=0.20)
PRE_RESTART_TEST = _shares(recent=0.76, stale=0.14, none=0.10)
RESTART_DOSE = _shares(lower=0.60, same=0.32, higher=0.08)
RESTART_REGIMEN = _shares(QD=0.68, BID=0.08, QOD=0.14, unknown=0.10)
MONITORING = _shares(good=0.40, fair=0.25, patchy=0.20, absent=0.15)
SLOT_MISSED = _shares(good=0.01, fair=0.10, patchy=0.35, absent=0.88)
FOLLOW_UP = _shares(
    quiet=0.37,
    stopped_within_days=0.04,
    reaches_stop_multiple=0.14,
    symptoms_and_rise=0.13,
    bilirubin_and_rise=0.14,
    rise_without_stop=0.06,
    mild_rise_stopped=0.12,
)
STOP_RESPONSE = _shares(timely=0.60, late=0.28, never=0.12)
AFTER_STOP = _shares(stays_off=0.66, short_interruption=0.14, third_course=0.20)
SYMPTOM_TEST = _shares(prompt=0.58, soft=0.16, none=0.26)
SYMPTOMS = _shares(symptom_fatigue=0.40, symptom_nausea=0.32, symptom_ruq_pain=0.16, symptom_jaundice=0.12)
RESTART = _shares(
    enzymes_recovered=0.84,
    workup_complete=0.45,
    workup_item_otherwise=0.55,
    workup_coded_as_event=0.25,
    dose_cut_before_stop=0.18,
    benefit_risk_documented=0.50,
    decompensation_coded=0.03,
    decompensation_by_inr=0.025,
    inr_without_bilirubin=0.06,
    jaundiced_injury=0.12,
    symptoms_at_injury=0.30,
    symptoms_after_restart=0.36,
    symptoms_with_mild_rise=0.70,
    symptom_rise_repeated=0.50,
    unstable_third_month=0.10,
    mild_rise_repeated=0.45,
    mild_rise_stopped_for_liver=0.50,
    observation_ends_at_event=0.30,
    other_thiopurine_in_break=0.03,
    corticosteroid_at_restart=0.25,
    dose_raised_later=0.45,
)

# --- everything else that a hospital feed holds ------------------------------------------------------

RECORDS = _shares(
    refills=0.35,
    early_refill=0.20,
    two_tablets=0.30,
    gap_inside_course=0.08,
    thiopurine_before_first=0.02,
    corticosteroid_at_first=0.45,
    allopurinol=0.03,
    febuxostat=0.005,
    other_drug=0.60,
    stay=0.18,
    background_symptom=0.12,
    unlisted_diagnosis=0.50,
    background_imaging=0.06,
    value_outlier=0.001,
    recorded_at_missing=0.01,
    laboratory_missing=0.05,
)

# --- dirt: shares of the rows of a table; a row has one defect at most ------------------------------

LAB_DIRT = _shares(
    unknown_unit=0.0004,
    implausible_value=0.0003,
    not_a_number=0.0003,  # CSV only: a Parquet column of numbers cannot hold one
    unit_missing=0.003,
    unit_and_limit_missing=0.0004,
    limit_missing=0.020,
    limit_implausible=0.001,
    duplicate=0.003,
    correction=0.003,
    retracted_later=0.001,
    retracted_only=0.0005,
    conflicting_versions=0.0001,
    preliminary=0.002,
    unknown_patient=0.0004,
    no_patient=0.0001,
    no_date=0.0001,
    before_1900=0.0001,
    recorded_after_extract=0.0005,
    mistyped_year=0.0001,
)
COMPARATORS = _shares(above_ceiling=0.025, below_floor=0.30)  # of values > 3 x ULN and < 0.22 x ULN
EXPOSURE_DIRT = _shares(
    ends_before_start=0.002,
    dose_implausible=0.003,
    dose_missing=0.020,
    duplicate=0.002,
    correction=0.003,
    unknown_patient=0.0005,
    before_1900=0.0003,
    recorded_after_extract=0.0005,
)
EVENT_DIRT = _shares(
    duplicate=0.003, unknown_patient=0.0005, before_1900=0.0003, recorded_after_extract=0.0005, mistyped_year=0.0002
)
STAY_DIRT = _shares(duplicate=0.003, unknown_patient=0.001)
PATIENT_DIRT = _shares(duplicate=0.001, no_start=0.0003)

# --- the same cohort night after night ----------------------------------------------------------------

# Rows that come some days late; lacking for long, to come in one of the last nights; wrong until one of them.
NIGHTS = _shares(late=0.04, lacking=0.01, mistaken=0.01)
NIGHTS_LATE = (1, 5)  # days, at least and at most
NIGHTS_LAST = 14
