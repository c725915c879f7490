"""What a row of `inpatient_stays` must hold: whose, and days that run forward."""

from expectations.declare import DATE, KNOWN_PATIENT, Column, Table, dated, given, readable, since_1900

TABLE = Table(
    name="inpatient_stays",
    staged="stays",
    day="admitted_on",
    required=False,
    without="a slot missed during a stay cannot be excused",
    columns=(
        Column("stay_id", required=True),
        Column("patient_id", required=True),
        Column("admitted_on", DATE, required=True),
        Column("discharged_on", DATE, without="each stay counts as going on"),
    ),
    predicates=(
        given("stay_id"),
        given("patient_id"),
        dated("admitted_on"),
        readable("admitted_on"),
        readable("discharged_on"),
        since_1900("admitted_on"),
        since_1900("discharged_on"),
        KNOWN_PATIENT,
        ("end_before_start", "discharged_on is not before admitted_on", "discharged_on < admitted_on"),
    ),
)
