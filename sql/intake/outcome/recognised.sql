-- What the codes of the received rows were found to mean. Grain: received table, concept.
WITH
codes AS (SELECT * FROM resolved.codes WHERE concept IS NOT NULL),

final AS (
    SELECT table_name, concept, CAST(sum(row_count) AS BIGINT) AS "rows"
    FROM codes
    GROUP BY ALL
)

SELECT * FROM final ORDER BY table_name, concept
