-- The code lists, ready to be matched. Grain: received table, concept, vocabulary, key.
-- In ATC and ICD a code that ends in * stands for itself and all codes below it.
WITH
codes AS (SELECT * FROM reference.codes),

starred AS (
    SELECT
        *,
        ends_with(code, '*') AND (vocabulary = 'ATC' OR starts_with(vocabulary, 'ICD-')) AS is_prefix
    FROM codes
),

final AS (
    SELECT DISTINCT
        table_name,
        concept,
        vocabulary,
        is_prefix,
        code_key(vocabulary, CASE WHEN is_prefix THEN rtrim(code, '*') ELSE code END) AS key
    FROM starred
)

SELECT * FROM final
