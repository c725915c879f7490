-- What the mappings of an OMOP CDM share. Concept ids are text here; 0 is OMOP's "no matching concept".

CREATE MACRO has_concept(concept_id) AS concept_id <> '0' AND concept_id <> '';

-- The contract's name of a vocabulary.
CREATE MACRO vocabulary_of(vocabulary_id) AS CASE vocabulary_id
    WHEN 'SNOMED' THEN 'SNOMED CT'
    WHEN 'ICD10CM' THEN 'ICD-10-CM'
    WHEN 'ICD9CM' THEN 'ICD-9-CM'
    WHEN 'CPT4' THEN 'CPT'
    ELSE vocabulary_id
END;

-- What the lists say of the concepts of OMOP for a table of the contract: of the id itself (rank 1), of its code in its own
-- vocabulary (rank 2). Grain: concept_id, rank, concept, code.
CREATE MACRO omop_listed(for_table) AS TABLE
WITH
concepts AS (
    SELECT
        for_table AS table_name,
        concept_id,
        vocabulary_of(vocabulary_id) AS list,
        concept_code AS code,
        code_key(vocabulary_of(vocabulary_id), concept_code) AS key
    FROM source.concept
)

SELECT key AS concept_id, 1 AS rank, concept, vocabulary, key AS code
FROM resolved.code_keys
WHERE table_name = for_table AND vocabulary = 'OMOP'
UNION ALL
SELECT concept_id, 2, concept, list, code FROM listed_codes(concepts);

-- What the concepts of OMOP mean for a table of the contract: what the lists say, else what is derived. Grain: concept_id,
-- of those that mean anything.
CREATE MACRO omop_meanings(for_table) AS TABLE
WITH
meanings AS (
    SELECT * FROM omop_listed(for_table)
    UNION ALL
    SELECT code, 3, concept, vocabulary, code
    FROM reference.derived_codes
    WHERE table_name = for_table AND vocabulary = 'OMOP'
),

best AS (
    SELECT
        concept_id,
        min(struct_pack(rank, concept, vocabulary, code)) AS best,
        count(DISTINCT concept_family(concept)) FILTER (WHERE rank < 3) > 1 AS is_contradictory
    FROM meanings
    GROUP BY concept_id
)

SELECT
    concept_id,
    best.concept AS concept,
    best.vocabulary AS vocabulary,
    best.code AS code,
    best.rank < 3 AS is_listed,
    is_contradictory
FROM best;

-- The meaning of a row's standard concept tells, unless only that of its source is on a list.
CREATE MACRO standard_tells(standard_concept, standard_is_listed, original_is_listed) AS
    standard_concept IS NOT NULL AND (standard_is_listed OR original_is_listed IS NOT TRUE);

-- Whether the standard concept of a row and the concept of its source are listed as two things.
CREATE MACRO two_things(standard_concept, standard_is_listed, original_concept, original_is_listed) AS coalesce(
    standard_is_listed AND original_is_listed AND concept_family(standard_concept) <> concept_family(original_concept),
    FALSE
);

-- The code of a row that two concepts are told of.
CREATE MACRO two_ids(standard_id, original_id) AS concat_ws(' + ', standard_id, original_id);

-- The id to show of a row that means nothing on any list: the standard concept's, else that of its source.
CREATE MACRO first_concept(standard_id, original_id) AS CASE
    WHEN has_concept(standard_id) THEN standard_id
    WHEN has_concept(original_id) THEN original_id
    ELSE standard_id
END;

-- A row of no concept at all, of which only the site's own value tells.
CREATE MACRO is_unmapped(standard_id, original_id, source_value) AS
    NOT coalesce(has_concept(standard_id), FALSE)
    AND NOT coalesce(has_concept(original_id), FALSE)
    AND as_text(source_value) IS NOT NULL;

-- The text of a result where its number does not tell all: a value that is no number, or a sign such as < that an ETL
-- left behind in the value of the source.
CREATE MACRO result_text(number, value, source_value) AS CASE
    WHEN number IS NULL THEN coalesce(as_text(CAST(value AS VARCHAR)), as_text(source_value))
    WHEN
        contains(source_value, '<')
        OR contains(source_value, '>')
        OR contains(source_value, '≤')
        OR contains(source_value, '≥')
        THEN as_text(source_value)
END;

-- Milligrams of an ingredient in one unit of a drug (a tablet, or a millilitre), NULL where that is not clear.
-- Grain: drug_concept_id and the concept of the ingredient (null where no list knows it).
CREATE MACRO omop_strengths() AS TABLE
WITH
milligrams AS (SELECT * FROM reference.omop_concepts WHERE field = 'milligrams'),

millilitres AS (SELECT * FROM reference.omop_concepts WHERE field = 'millilitres'),

ingredients AS (SELECT concept_id, concept FROM omop_meanings('drug_exposures')),

strengths AS (
    SELECT
        drug_strength.drug_concept_id,
        drug_strength.ingredient_concept_id,
        CASE
            WHEN as_number(amount_value) > 0 THEN as_number(amount_value) * CAST(amount.meaning AS DOUBLE)
            WHEN millilitres.concept_id IS NOT NULL AND coalesce(as_number(denominator_value), 1) = 1
                THEN as_number(numerator_value) * CAST(numerator.meaning AS DOUBLE)
        END AS mg,
        as_text(drug_strength.invalid_reason) IS NULL AS is_valid
    FROM source.drug_strength
    LEFT JOIN milligrams AS amount ON drug_strength.amount_unit_concept_id = amount.concept_id
    LEFT JOIN milligrams AS numerator ON drug_strength.numerator_unit_concept_id = numerator.concept_id
    LEFT JOIN millilitres ON drug_strength.denominator_unit_concept_id = millilitres.concept_id
),

by_ingredient AS (
    SELECT
        drug_concept_id,
        ingredient_concept_id,
        bool_or(is_valid) AS has_valid,
        list(struct_pack(mg, is_valid)) AS stated
    FROM strengths
    GROUP BY ALL
),

stated AS (
    SELECT
        drug_concept_id,
        ingredient_concept_id,
        list_distinct([one.mg FOR one IN stated IF one.is_valid OR NOT has_valid]) AS mg,
        len([one FOR one IN stated IF (one.is_valid OR NOT has_valid) AND one.mg IS NULL]) AS unclear
    FROM by_ingredient
)

SELECT
    stated.drug_concept_id,
    ingredients.concept,
    CASE
        WHEN count(*) = 1 AND sum(unclear) = 0 AND max(len(stated.mg)) = 1 THEN any_value(stated.mg[1])
    END AS mg,
    sum(count(*)) OVER (PARTITION BY stated.drug_concept_id) AS ingredient_count
FROM stated
LEFT JOIN ingredients ON stated.ingredient_concept_id = ingredients.concept_id
GROUP BY stated.drug_concept_id, ingredients.concept;

-- The visits that are stays in a hospital, by their concept and its descendants. Grain: concept_id.
CREATE MACRO omop_stays() AS TABLE
WITH
stays AS (SELECT concept_id FROM reference.omop_concepts WHERE field = 'stay')

SELECT concept_id FROM stays
UNION
SELECT descendant_concept_id
FROM source.concept_ancestor
WHERE ancestor_concept_id IN (FROM stays) AND descendant_concept_id IS NOT NULL;
