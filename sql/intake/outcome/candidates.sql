-- The rows of {table} that break a check, and the lines that could not be read as rows. Grain: a received row.
-- A result that its latest version takes back does not exist, so nothing else is asked of it.
WITH
versions AS (SELECT * FROM outcome.{table}_versions),

malformed AS (SELECT row_number, TRUE AS is_malformed FROM received.malformed WHERE table_name = '{table}'),

current AS (
    SELECT {table}.*, versions.state IS NOT NULL AS is_conflicting, FALSE AS is_malformed
    FROM resolved.{table}
    LEFT JOIN versions USING (row_number)
    WHERE versions.state IS NULL OR versions.state = 'conflicting'
),

doubtful AS (
    SELECT * FROM current
    WHERE (is_conflicting OR is_recorded_at_unreadable OR NOT is_retracted) AND ({any_check})
),

final AS (SELECT * FROM doubtful UNION ALL BY NAME SELECT * FROM malformed)

SELECT * FROM final
