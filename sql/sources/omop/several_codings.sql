-- The conditions and procedures whose standard concept and the concept of the source are listed as two things: such a row
-- is both. Grain: code (the two ids), concept.
WITH
listed AS (SELECT DISTINCT concept_id, concept FROM omop_listed('clinical_events')),

coded AS (
    SELECT condition_concept_id AS standard_id, condition_source_concept_id AS original_id FROM source.condition_occurrence
    UNION
    SELECT procedure_concept_id, procedure_source_concept_id FROM source.procedure_occurrence
),

told AS (
    SELECT coded.*, listed.concept FROM coded INNER JOIN listed ON coded.standard_id = listed.concept_id
    UNION
    SELECT coded.*, listed.concept FROM coded INNER JOIN listed ON coded.original_id = listed.concept_id
),

final AS (
    SELECT
        'clinical_events' AS table_name,
        several_codings() AS vocabulary,
        two_ids(standard_id, original_id) AS code,
        concept,
        'codings' AS matched_by
    FROM told
)

SELECT * FROM final
