-- The codes that are on no list, with the rows that carry them. Grain: received table, vocabulary, code.
WITH
codes AS (SELECT * FROM resolved.codes WHERE concept IS NULL AND NOT is_conflicting),

final AS (
    SELECT
        table_name,
        as_text(vocabulary) AS vocabulary,
        as_text(code) AS code,
        CAST(sum(row_count) AS BIGINT) AS "rows"
    FROM codes
    WHERE is_given(vocabulary) AND is_given(code)
    GROUP BY ALL
)

SELECT * FROM final ORDER BY "rows" DESC, table_name, vocabulary, code
