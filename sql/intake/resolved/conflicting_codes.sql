-- The codes that stand for two concepts. Grain: vocabulary, key and a pair of concepts.
-- A name of a drug does so too where the rule for names reads it as another concept: a text has one meaning.
WITH
-- Results, drugs and events share their codes; what else is coded stands in a column of its own, as a reason for stopping.
code_keys AS (
    SELECT DISTINCT
        concept,
        vocabulary,
        key,
        is_prefix,
        CASE
            WHEN table_name IN ('lab_results', 'drug_exposures', 'clinical_events') THEN 'rows' ELSE table_name
        END AS asked_of
    FROM resolved.code_keys
),

drug_names AS (SELECT * FROM resolved.drug_names WHERE words_left IS NULL),

equal AS (
    SELECT one.vocabulary, one.key, one.concept AS one, other.concept AS other
    FROM code_keys AS one
    INNER JOIN code_keys AS other
        ON
            one.vocabulary = other.vocabulary
            AND one.asked_of = other.asked_of
            AND one.concept <> other.concept
            AND (one.key = other.key OR (other.is_prefix AND starts_with(one.key, other.key)))
),

read_as_another AS (
    SELECT code_keys.vocabulary, code_keys.key, code_keys.concept AS one, drug_names.concept AS other
    FROM code_keys
    INNER JOIN drug_names ON code_keys.key = drug_names.key AND code_keys.concept <> drug_names.concept
    WHERE code_keys.vocabulary = 'name'
),

pairs AS (
    SELECT * FROM equal
    UNION ALL
    SELECT * FROM read_as_another
),

final AS (
    SELECT DISTINCT vocabulary, key, least(one, other) AS first_concept, greatest(one, other) AS second_concept
    FROM pairs
)

SELECT * FROM final ORDER BY ALL
