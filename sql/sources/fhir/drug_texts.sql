-- The names under which the export speaks of drugs, with or without a code, as the rule for names asks. Grain: key.
WITH
drug_records AS (SELECT DISTINCT medicine FROM source.drug_records WHERE medicine IS NOT NULL),

concepts AS (SELECT as_concept(medicine) AS concept FROM drug_records),

names AS (
    SELECT concept.text AS name FROM concepts
    UNION ALL
    SELECT unnest(list_transform(concept.coding, lambda x: x.display)) FROM concepts
),

final AS (SELECT DISTINCT code_key('name', as_text(name)) AS key FROM names WHERE is_given(name))

SELECT * FROM final
