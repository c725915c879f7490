-- What each received code means; the concept is null where nothing tells. Grain: received table, vocabulary, code, concept.
-- matched_by says what told: a code list, else what the source derives from its own vocabulary, else the rule for the
-- names of drugs. An event that stands for two concepts is both; a result or a drug that does is neither, and its rows are
-- rejected: it is one row here, with no concept (is_conflicting).
WITH
received AS (
    SELECT 'lab_results' AS table_name, vocabulary, code, count(*) AS row_count FROM received.lab_results GROUP BY ALL
    UNION ALL
    SELECT 'drug_exposures', vocabulary, code, count(*) FROM received.drug_exposures GROUP BY ALL
    UNION ALL
    SELECT 'clinical_events', vocabulary, code, count(*) FROM received.clinical_events GROUP BY ALL
),

keyed AS (
    SELECT *, as_text(vocabulary) AS list, code_key(as_text(vocabulary), as_text(code)) AS key FROM received
),

listed AS (
    SELECT DISTINCT keyed.table_name, keyed.vocabulary, keyed.code, code_keys.concept
    FROM keyed
    INNER JOIN resolved.code_keys
        ON
            keyed.table_name = code_keys.table_name
            AND keyed.list = code_keys.vocabulary
            AND (keyed.key = code_keys.key OR (code_keys.is_prefix AND starts_with(keyed.key, code_keys.key)))
),

derived AS (
    SELECT
        table_name, vocabulary, code_key(vocabulary, code) AS key, concept, min(matched_by) AS matched_by
    FROM reference.derived_codes
    GROUP BY ALL
),

named AS (SELECT key, concept FROM resolved.drug_names WHERE is_match),

found AS (
    SELECT
        keyed.*,
        coalesce(listed.concept, derived.concept, named.concept) AS concept,
        CASE
            WHEN listed.concept IS NOT NULL THEN 'list'
            WHEN derived.concept IS NOT NULL THEN derived.matched_by
            WHEN named.concept IS NOT NULL THEN 'name'
        END AS matched_by
    FROM keyed
    LEFT JOIN listed USING (table_name, vocabulary, code)
    LEFT JOIN derived
        ON keyed.table_name = derived.table_name AND keyed.list = derived.vocabulary AND keyed.key = derived.key
    LEFT JOIN named
        ON keyed.table_name = 'drug_exposures' AND keyed.list = 'name' AND keyed.key = named.key
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
