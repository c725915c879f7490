-- The names under which the CDM speaks of drugs, as the rule for names asks. Grain: key.
WITH
asked AS (
    SELECT drug_concept_id AS concept_id FROM source.drug_exposure
    UNION
    SELECT drug_source_concept_id FROM source.drug_exposure
),

names AS (
    SELECT concept_name AS name FROM source.concept SEMI JOIN asked USING (concept_id)
    UNION ALL
    SELECT DISTINCT drug_source_value FROM source.drug_exposure
),

final AS (SELECT DISTINCT code_key('name', as_text(name)) AS key FROM names WHERE is_given(name))

SELECT * FROM final
