-- clinical_events from condition_occurrence and procedure_occurrence. Grain: a row of either.
WITH
meanings AS MATERIALIZED (SELECT * FROM omop_meanings('clinical_events')),

coded AS (
    SELECT
        'condition_occurrence' AS source_table,
        condition_occurrence_id AS id,
        person_id,
        condition_start_date AS event_date,
        condition_concept_id AS standard_id,
        condition_source_concept_id AS original_id,
        as_whole(condition_source_value) AS source_value
    FROM source.condition_occurrence
    UNION ALL
    SELECT
        'procedure_occurrence',
        procedure_occurrence_id,
        person_id,
        procedure_date,
        procedure_concept_id,
        procedure_source_concept_id,
        as_whole(procedure_source_value)
    FROM source.procedure_occurrence
),

-- A bare value of the source tells only where its form leaves no doubt: an ICD-10-CM code, or a long SNOMED CT id.
shaped AS (
    SELECT
        source_value,
        CASE
            WHEN regexp_full_match(source_value, '[A-TV-Za-tv-z]\d[0-9A-Za-z]([.]?[0-9A-Za-z]{1,4})?') THEN 'ICD-10-CM'
            WHEN regexp_full_match(source_value, '\d{6,18}') THEN 'SNOMED CT'
        END AS vocabulary
    FROM (SELECT DISTINCT source_value FROM coded)
),

keyed AS (
    SELECT *, 'clinical_events' AS table_name, vocabulary AS list, code_key(vocabulary, source_value) AS key FROM shaped
),

written AS (
    SELECT source_value, any_value(vocabulary) AS vocabulary FROM listed_codes(keyed) GROUP BY source_value
),

joined AS (
    SELECT
        coded.*,
        standard.vocabulary AS standard_vocabulary,
        standard.code AS standard_code,
        original.concept IS NOT NULL AS has_original,
        original.vocabulary AS original_vocabulary,
        original.code AS original_code,
        written.vocabulary AS written_vocabulary,
        standard_tells(standard.concept, standard.is_listed, original.is_listed) AS is_by_standard,
        standard.is_contradictory
        OR original.is_contradictory
        OR two_things(standard.concept, standard.is_listed, original.concept, original.is_listed) AS is_contradictory
    FROM coded
    LEFT JOIN meanings AS standard ON coded.standard_id = standard.concept_id
    LEFT JOIN meanings AS original ON coded.original_id = original.concept_id
    LEFT JOIN written ON coded.source_value = written.source_value
),

final AS (
    SELECT
        source_table || ':' || id AS event_id,
        person_id AS patient_id,
        event_date,
        CASE
            WHEN is_contradictory THEN several_codings()
            WHEN is_by_standard THEN standard_vocabulary
            WHEN has_original THEN original_vocabulary
            WHEN written_vocabulary IS NOT NULL THEN written_vocabulary
            WHEN is_unmapped(standard_id, original_id, source_value) THEN 'OMOP source'
            ELSE 'OMOP'
        END AS vocabulary,
        CASE
            WHEN is_contradictory THEN two_ids(standard_id, original_id)
            WHEN is_by_standard THEN standard_code
            WHEN has_original THEN original_code
            WHEN written_vocabulary IS NOT NULL THEN source_value
            WHEN is_unmapped(standard_id, original_id, source_value) THEN source_value
            ELSE first_concept(standard_id, original_id)
        END AS code,
        source_table
    FROM joined
)

SELECT * FROM final
