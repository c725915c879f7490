-- The rows of {table} that are not the one current version of their id. Grain: a received row.
-- A row whose time of recording cannot be read is the latest; one without a time the earliest. {table}, {id},
-- {whole} and {content} (the declared columns as JSON, with and without the {death}) and {recorded_at} are names of the
-- declared table, put in by flows/intake/settle.py. Of rows that differ in the death alone the latest up to the end of the feed counts.
WITH
repeated AS (SELECT * FROM outcome.{table}_repeated),

versions AS (
    SELECT
        repeated.row_number,
        repeated.source_id,
        CAST({content} AS VARCHAR) AS content,
        CAST({whole} AS VARCHAR) AS whole,
        {death} AS death,
        CASE
            WHEN repeated.is_recorded_at_unreadable THEN CAST('infinity' AS TIMESTAMPTZ)
            ELSE as_instant({recorded_at})
        END AS recorded
    FROM received.{table}
    INNER JOIN repeated ON {table}.row_number = repeated.row_number
),

copies AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY source_id, content ORDER BY death_order(death), row_number) AS copy,
        first(whole) OVER (PARTITION BY source_id, content ORDER BY death_order(death), row_number) AS kept
    FROM versions
),

ranked AS (
    SELECT
        *,
        rank() OVER (PARTITION BY source_id ORDER BY recorded DESC NULLS LAST) AS recency,
        count(*) OVER (PARTITION BY source_id, recorded) AS rivals
    FROM copies
    WHERE copy = 1
),

final AS (
    SELECT row_number, CASE WHEN whole = kept THEN 'duplicate' ELSE 'superseded' END AS state FROM copies WHERE copy > 1
    UNION ALL
    SELECT row_number, 'superseded' FROM ranked WHERE recency > 1
    UNION ALL
    SELECT row_number, 'conflicting' FROM ranked WHERE recency = 1 AND rivals > 1
)

SELECT * FROM final
