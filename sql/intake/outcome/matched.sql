-- What was matched otherwise than by a code of a list, and what looks like a listed drug but was not matched
-- (near_miss), with the rows that carry it. Grain: received table, vocabulary, code, concept.
-- A name is no code: it is here too where it stands on a list word for word. words_left are the words that stood in
-- the way of a near miss; null where two concepts could claim the text.
WITH
codes AS (SELECT * FROM resolved.codes),

drug_names AS (SELECT * FROM resolved.drug_names),

found AS (
    SELECT *, CAST(NULL AS VARCHAR) AS words_left
    FROM codes
    WHERE concept IS NOT NULL AND (matched_by <> 'list' OR list = 'name')
),

missed AS (
    SELECT codes.* REPLACE (drug_names.concept AS concept, 'near_miss' AS matched_by), drug_names.words_left
    FROM codes
    INNER JOIN drug_names ON codes.key = drug_names.key
    WHERE codes.table_name = 'drug_exposures' AND codes.list = 'name' AND codes.concept IS NULL
),

both_kinds AS (
    SELECT * FROM found
    UNION ALL
    SELECT * FROM missed
),

final AS (
    SELECT
        table_name,
        list AS vocabulary,
        as_text(code) AS code,
        concept,
        matched_by,
        CAST(sum(row_count) AS BIGINT) AS "rows",
        words_left
    FROM both_kinds
    GROUP BY ALL
)

SELECT * FROM final ORDER BY "rows" DESC, table_name, vocabulary, code, concept
