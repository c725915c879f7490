-- The codes that stand for two concepts. Grain: vocabulary, key and a pair of concepts.
WITH
code_keys AS (SELECT DISTINCT concept, vocabulary, key, is_prefix FROM resolved.code_keys),

final AS (
    SELECT
        one.vocabulary,
        one.key,
        least(one.concept, other.concept) AS first_concept,
        greatest(one.concept, other.concept) AS second_concept
    FROM code_keys AS one
    INNER JOIN code_keys AS other
        ON
            one.vocabulary = other.vocabulary
            AND one.concept <> other.concept
            AND (one.key = other.key OR (other.is_prefix AND starts_with(one.key, other.key)))
)

SELECT * FROM final ORDER BY ALL
