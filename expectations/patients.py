"""What a row of `patients` must hold: an id and the days between which the feed covers the patient.

A death rejects no row: who takes the drug must not vanish because of a date (rules.md section 2). Whether it is used is
judged later.
"""

from expectations.declare import DATE, NUMBER, Column, Table, a_number, dated, given, one_of, readable, since_1900

TABLE = Table(
    name="patients",
    staged="patients",
    day="observation_start",
    death="death_date",
    columns=(
        Column("patient_id", required=True),
        Column("sex", without="limits by sex cannot be used"),
        Column("birth_year", NUMBER),
        Column("site_id", without="results cannot be shown by site"),
        Column("observation_start", DATE, required=True),
        Column("observation_end", DATE, without="each patient counts as observed up to the as-of date"),
        Column("death_date", DATE, without="a death does not end the observation"),
    ),
    predicates=(
        given("patient_id"),
        dated("observation_start"),
        readable("observation_start"),
        readable("observation_end"),
        since_1900("observation_start"),
        since_1900("observation_end"),
        (
            "end_before_start",
            "observation_end is not before observation_start",
            "observation_end < observation_start",
        ),
        one_of("sex", "F", "M"),
        a_number("birth_year"),
    ),
)
