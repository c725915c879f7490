"""What a row of `clinical_events` must hold: whose, when and what."""

from expectations.declare import DATE, KNOWN_PATIENT, RECORDED, Column, Table, dated, given, readable, since_1900

TABLE = Table(
    name="clinical_events",
    staged="events",
    day="event_date",
    required=False,
    without=(
        "RST-06 (grade moderate), RST-08 (unless INR decides), MON-05, STP-02 (an enzyme at its multiple), STP-05"
        " (when the rest holds) and STP-06 cannot be judged; RST-02 sees what labs show; indications are unknown"
    ),
    columns=(
        Column("event_id", required=True),
        Column("patient_id", required=True),
        Column("event_date", DATE, required=True),
        Column("vocabulary", required=True),
        Column("code", required=True),
        Column("recorded_at", DATE, without="versions cannot be ordered, and a past date cannot be replayed"),
    ),
    predicates=(
        given("event_id"),
        RECORDED,
        given("patient_id"),
        dated("event_date"),
        given("vocabulary"),
        given("code"),
        readable("event_date"),
        since_1900("event_date"),
        KNOWN_PATIENT,
    ),
)
