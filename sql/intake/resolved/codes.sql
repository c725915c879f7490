-- What each received code means; the concept is null where nothing tells. Grain: received table, vocabulary, code, concept.
-- matched_by says what told: a code list, else what the source derives from its own vocabulary, else the rule for the
-- names of drugs. An event that stands for two concepts is both; a result or a drug that does is neither, and its rows are
-- rejected: it is one row here, with no concept (is_conflicting).
WITH
received AS (
    SELECT 'lab_results' AS table_name, vocabulary, code, sum(row_count) AS row_count FROM resolved.lab_kinds GROUP BY ALL
    UNION ALL
    SELECT 'drug_exposures', vocabulary, code, count(*) FROM received.drug_exposures GROUP BY ALL
    UNION ALL
    SELECT 'clinical_events', vocabulary, code, count(*) FROM received.clinical_events GROUP BY ALL
),

keyed AS (
    SELECT *, as_text(vocabulary) AS list, code_key(as_text(vocabulary), as_text(code)) AS key FROM received
),

named AS (SELECT key, concept FROM resolved.drug_names WHERE is_match),

told AS (SELECT * FROM told_codes(keyed, named)),

found AS (
    SELECT keyed.*, told.concept, told.matched_by
    FROM keyed
    LEFT JOIN told
        ON keyed.table_name = told.table_name AND keyed.list = told.list AND keyed.key = told.key
),

counted AS (
    SELECT
        *,
        count(concept) OVER (PARTITION BY table_name, vocabulary, code) > 1 AND table_name <> 'clinical_events'
            AS is_conflicting
    FROM found
),

final AS (
    SELECT * FROM counted WHERE NOT is_conflicting
    UNION ALL
    SELECT DISTINCT * REPLACE (CAST(NULL AS VARCHAR) AS concept, CAST(NULL AS VARCHAR) AS matched_by)
    FROM counted
    WHERE is_conflicting
)

SELECT * FROM final
