-- The rows of {table} that go no further, and why. Grain: a received row.
-- {broken} is every check's own query; the check of highest precedence is the reason.
WITH
versions AS (SELECT * FROM outcome.{table}_versions WHERE state <> 'conflicting'),

broken AS ({broken}),

rejected AS (SELECT row_number, min(precedence) AS precedence FROM broken GROUP BY row_number),

retracted AS (
    SELECT row_number FROM resolved.{table}
    ANTI JOIN versions USING (row_number)
    ANTI JOIN rejected USING (row_number)
    WHERE is_retracted
),

final AS (
    SELECT row_number, state AS disposition, NULL AS precedence FROM versions
    UNION ALL
    SELECT row_number, 'rejected', precedence FROM rejected
    UNION ALL
    SELECT row_number, 'retracted', NULL FROM retracted
)

SELECT * FROM final
