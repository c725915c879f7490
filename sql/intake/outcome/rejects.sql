-- The rejected rows of {table}, each with the first check that it broke and its declared columns as received.
-- Grain: a received row.
WITH
rejected AS (
    SELECT outcome.row_number, checks.reason, checks.rule
    FROM outcome.{table} AS outcome
    INNER JOIN reference.checks ON checks.table_name = '{table}' AND outcome.precedence = checks.precedence
    WHERE outcome.disposition = 'rejected'
),

malformed AS (SELECT row_number, line, detail FROM received.malformed WHERE table_name = '{table}'),

final AS (
    SELECT
        '{table}' AS table_name,
        rejected.row_number,
        as_text({table}.{id}) AS source_id,
        rejected.reason,
        rejected.rule AS detail,
        CAST({content} AS VARCHAR) AS "row"
    FROM received.{table}
    INNER JOIN rejected ON {table}.row_number = rejected.row_number
    UNION ALL
    SELECT '{table}', rejected.row_number, NULL, rejected.reason, malformed.detail, CAST(to_json(malformed.line) AS VARCHAR)
    FROM rejected
    INNER JOIN malformed ON rejected.row_number = malformed.row_number
)

SELECT * FROM final ORDER BY row_number
