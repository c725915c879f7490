"""The staged frames: what the warehouse hands over, one row a fact, codes already concepts."""

from dataclasses import dataclass

import polars as pl

from audit.frames.declare import COUNT, DATE, NUMBER, TEXT, Column, Frame, listed
from audit.vocabulary import LIVER_REASONS

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
        Column("concept", TEXT, "What was measured: a laboratory concept of the code lists."),
        Column("value", NUMBER, "Value in the canonical unit; null only for a serology."),
        Column("comparator", TEXT, "<, <=, >, >= or null: value is then a bound of the true value."),
        Column(
            "uln",
            NUMBER,
            "Upper limit of normal in the canonical unit; never null for alt, ast, alp, bilirubin_total, inr.",
        ),
        Column("uln_source", TEXT, "printed, site, default or null where the concept has no limit."),
        Column("unit", TEXT, "Canonical UCUM unit."),
        Column("status", TEXT, "final (where none is told too), corrected or preliminary."),
    ),
)
EXPOSURES = Frame(
    "exposures",
    "one row a valid exposure record of a listed drug, current version, begun on or before the as-of date",
    (
        Column("exposure_id", TEXT, "The extract's exposure id.", key=True),
        Column("patient_id", TEXT, "The patient."),
        Column("concept", TEXT, "The drug: a concept of the code lists."),
        Column("product", TEXT, "Vocabulary and code as received: tells a renewal from another tablet."),
        Column("start_date", DATE, "First dose day."),
        Column("end_date", DATE, "Last dose day as received; null where the extract has none."),
        Column("days_supply", COUNT, "Days supplied, or null."),
        Column("daily_dose_mg", NUMBER, "Average dose a day; null where unknown or implausible.", "mg/d"),
        Column("frequency", TEXT, "QOD for every other day however spelt; other text or null."),
        Column("end_type", TEXT, "explicit, supply, ongoing, discharge or null."),
        Column("stop_reason", TEXT, f"{listed((*LIVER_REASONS, 'other text'))}; null where none is told."),
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
        Column("concept", TEXT, "What happened: a concept of the code lists.", key=True),
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


@dataclass(frozen=True, slots=True)
class Staged:
    """The five staged frames; events and stays are None where the extract lacks the table."""

    patients: pl.DataFrame
    labs: pl.DataFrame
    exposures: pl.DataFrame
    events: pl.DataFrame | None = None
    stays: pl.DataFrame | None = None
