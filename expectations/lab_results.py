"""What a row of `lab_results` must hold: whose, when, what, and a plausible value in a known unit.

The checks of value, comparator and unit ask only of listed analytes that need a value: a serology proves the
work-up whatever its value, and a code on no list is not needed.
"""

from expectations.declare import (
    DATE,
    KNOWN_PATIENT,
    NUMBER,
    ONE_CONCEPT,
    RECORDED,
    Column,
    Table,
    dated,
    given,
    readable,
    since_1900,
)

RETRACTED = ("entered-in-error", "cancelled")
STATUSES = ("final", "corrected", "preliminary", *RETRACTED)

TABLE = Table(
    name="lab_results",
    staged="labs",
    day="collected_at",
    columns=(
        Column("result_id", required=True),
        Column("patient_id", required=True),
        Column("collected_at", DATE, required=True),
        Column("vocabulary", required=True),
        Column("code", required=True),
        Column("value", NUMBER, without="no result has a value: every listed analyte is rejected"),
        Column("comparator", without="beyond a measuring range values pass as exact, unless written as <5"),
        Column("unit", without="units are inferred from the printed limits, or the row is rejected"),
        Column("reference_low", NUMBER),
        Column("reference_high", NUMBER, without="the limits of the site's table or the defaults stand in"),
        Column("status", without="retracted results cannot be told from valid ones"),
        Column("recorded_at", DATE, without="versions cannot be ordered, and a past date cannot be replayed"),
        Column("laboratory_id"),
    ),
    predicates=(
        given("result_id"),
        RECORDED,
        given("patient_id"),
        dated("collected_at"),
        ("missing_vocabulary", "vocabulary is given", "NOT has_vocabulary"),
        ("missing_code", "code is given", "NOT has_code"),
        readable("collected_at"),
        since_1900("collected_at"),
        ("unknown_status", f"status is {', '.join(STATUSES)} or empty", "NOT is_status_known"),
        KNOWN_PATIENT,
        ONE_CONCEPT,
        ("missing_value", "a result of this analyte has a value", "needs_value AND NOT has_value"),
        ("not_a_number", "value is a number", "needs_value AND has_value AND NOT is_number"),
        ("bad_comparator", "comparator is <, <=, >, >= or empty", "needs_value AND NOT is_comparator_valid"),
        (
            "contradicting_comparator",
            "comparator and the sign inside the value do not contradict each other",
            "needs_value AND is_comparator_contradicting",
        ),
        ("unknown_unit", "unit is one of this analyte", "needs_value AND has_unit AND NOT is_unit_known"),
        (
            "missing_unit",
            "unit is given, or the printed upper limit gives it away",
            "needs_value AND NOT has_unit AND NOT is_unit_known",
        ),
        (
            "unit_contradicts_limit",
            "the printed upper limit is not that of another unit than the one given",
            "needs_value AND is_unit_contradicting_limit",
        ),
        ("implausible_value", "value lies in the plausible range of this analyte", "needs_value AND NOT is_plausible"),
    ),
)
