-- The descendants of the listed drugs and events, in the vocabulary release that came with the data. Grain: table_name, code,
-- concept.
-- A code that a list has itself is left to the list. What is below two concepts comes with both. Of a systemic drug only what is not meant for one place: there is a cream of hydrocortisone.
WITH
listed AS (
    SELECT codes.table_name, codes.concept, codes.code
    FROM reference.codes
    WHERE codes.vocabulary = 'OMOP' AND codes.table_name IN ('drug_exposures', 'clinical_events')
),

parents AS (
    SELECT table_name, concept, code FROM listed
    UNION ALL
    SELECT codes.table_name, codes.concept, concept.concept_id
    FROM source.concept
    INNER JOIN reference.codes
        ON vocabulary_of(concept.vocabulary_id) = codes.vocabulary AND concept.concept_code = codes.code
    WHERE
        (codes.table_name = 'drug_exposures' AND codes.vocabulary = 'RxNorm')
        OR (codes.table_name = 'clinical_events' AND codes.vocabulary = 'SNOMED CT')
),

descendants AS (
    SELECT DISTINCT
        parents.table_name,
        concept_ancestor.descendant_concept_id AS code,
        parents.concept
    FROM source.concept_ancestor
    INNER JOIN parents ON concept_ancestor.ancestor_concept_id = parents.code
    WHERE concept_ancestor.descendant_concept_id IS NOT NULL
),

unlisted AS (SELECT * FROM descendants ANTI JOIN listed USING (table_name, code)),

systemic AS (
    SELECT concept.concept_id
    FROM source.concept
    SEMI JOIN unlisted ON concept.concept_id = unlisted.code
    GROUP BY concept.concept_id
    HAVING NOT regexp_matches(lower(string_agg(concept.concept_name, ' ')), getvariable('one_place_pattern'))
),

final AS (
    SELECT
        unlisted.table_name,
        'OMOP' AS vocabulary,
        unlisted.code,
        unlisted.concept,
        'ancestor' AS matched_by
    FROM unlisted
    LEFT JOIN systemic ON unlisted.code = systemic.concept_id
    WHERE NOT ends_with(unlisted.concept, '_systemic') OR systemic.concept_id IS NOT NULL
)

SELECT * FROM final
