-- What each received code means; the concept is null where no list has it. Grain: received table, vocabulary, code.
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

final AS (
    SELECT keyed.*, listed.concept
    FROM keyed
    LEFT JOIN listed USING (table_name, vocabulary, code)
)

SELECT * FROM final
