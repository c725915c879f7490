-- Where the rows of {table} went. Grain: one row. {later} counts the rows that were recorded after the as-of date.
WITH
settled AS (
    SELECT
        count(*) FILTER (disposition = 'rejected') AS rejected,
        count(*) FILTER (disposition = 'duplicate') AS duplicate,
        count(*) FILTER (disposition = 'superseded') AS superseded,
        count(*) FILTER (disposition = 'retracted') AS retracted
    FROM outcome.{table}
),

recorded_later AS (SELECT {later} AS row_count),

accepted AS (
    SELECT {table}.{day} > getvariable('as_of') AS is_later, {table}.is_listed AND people.is_audited AS is_needed
    FROM resolved.{table}
    ANTI JOIN outcome.{table} AS outcome ON {table}.row_number = outcome.row_number
    LEFT JOIN resolved.people ON {table}.patient_id = people.patient_id
),

remaining AS (
    SELECT
        count(*) FILTER (NOT is_later AND is_needed) AS staged,
        count(*) FILTER (is_later) AS later,
        count(*) FILTER (NOT is_later AND NOT is_needed) AS not_needed
    FROM accepted
),

final AS (
    SELECT
        '{table}' AS table_name,
        (SELECT rows_read FROM received.row_counts WHERE table_name = '{table}') AS "read",
        remaining.staged,
        settled.rejected,
        settled.duplicate,
        settled.superseded,
        settled.retracted,
        recorded_later.row_count + remaining.later AS after_as_of,
        remaining.not_needed
    FROM settled
    CROSS JOIN recorded_later
    CROSS JOIN remaining
)

SELECT * FROM final
