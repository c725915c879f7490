"""What a row of `drug_exposures` must hold: whose, which drug, and days that run forward."""

from expectations.declare import (
    DATE,
    KNOWN_PATIENT,
    NUMBER,
    RECORDED,
    Column,
    Table,
    a_number,
    dated,
    given,
    one_of,
    readable,
    since_1900,
)

LONGEST_SUPPLY_DAYS = 36525

TABLE = Table(
    name="drug_exposures",
    staged="exposures",
    day="start_date",
    columns=(
        Column("exposure_id", required=True),
        Column("patient_id", required=True),
        Column("vocabulary", required=True),
        Column("code", required=True),
        Column("start_date", DATE, required=True),
        Column("end_date", DATE, without="records end by days_supply, or run on"),
        Column("days_supply", NUMBER),
        Column("daily_dose_mg", NUMBER, without="every dose is unknown: RST-03 and RST-04 cannot be judged"),
        Column("frequency", without="alternate-day dosing cannot be seen"),
        Column("end_type", without="a discharge cannot be told from a stop; STP-05 cannot be judged"),
        Column("stop_reason", without="a stop for the liver cannot be told from another"),
        Column("route"),
        Column("recorded_at", DATE, without="versions cannot be ordered, and a past date cannot be replayed"),
    ),
    predicates=(
        given("exposure_id"),
        RECORDED,
        given("patient_id"),
        given("vocabulary"),
        given("code"),
        dated("start_date"),
        readable("start_date"),
        readable("end_date"),
        since_1900("start_date"),
        since_1900("end_date"),
        KNOWN_PATIENT,
        a_number("days_supply"),
        a_number("daily_dose_mg"),
        ("not_a_number", "days_supply is a whole number of days", "days_supply <> floor(days_supply)"),
        ("implausible_value", "days_supply is no longer than a century", f"days_supply > {LONGEST_SUPPLY_DAYS}"),
        ("end_before_start", "end_date is not before start_date", "end_date < start_date"),
        ("end_before_start", "the supply lasts a day or more", "NOT has_end_date AND days_supply < 1"),
        one_of("end_type", "explicit", "supply", "ongoing", "discharge"),
    ),
)
