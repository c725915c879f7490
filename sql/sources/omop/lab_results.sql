-- lab_results from measurement. Grain: a row of measurement. A CDM has no status and no time of recording.
WITH
meanings AS MATERIALIZED (SELECT * FROM omop_meanings('lab_results')),

loinc AS (
    SELECT key, min(concept) AS concept
    FROM resolved.code_keys
    WHERE table_name = 'lab_results' AND vocabulary = 'LOINC'
    GROUP BY key
),

operators AS (SELECT concept_id, meaning FROM reference.omop_concepts WHERE field = 'operator'),

-- What the release of the vocabulary says itself: the code of a UCUM concept is the expression.
ucum AS (SELECT concept_id, any_value(concept_code) AS unit FROM source.concept WHERE vocabulary_id = 'UCUM' GROUP BY ALL),

units AS (
    SELECT concept_id, coalesce(omop_units.unit, ucum.unit) AS unit
    FROM reference.omop_units
    FULL JOIN ucum USING (concept_id)
),

joined AS (
    SELECT
        measurement.*,
        standard.vocabulary AS standard_vocabulary,
        standard.code AS standard_code,
        original.concept IS NOT NULL AS has_original,
        original.vocabulary AS original_vocabulary,
        original.code AS original_code,
        loinc.key AS loinc,
        standard_tells(standard.concept, standard.is_listed, original.is_listed) AS is_by_standard,
        coalesce(standard.concept, original.concept, loinc.concept) AS concept,
        standard.is_contradictory
        OR original.is_contradictory
        OR two_things(standard.concept, standard.is_listed, original.concept, original.is_listed) AS is_contradictory,
        as_number(measurement.value_as_number) AS number,
        result_text(
            as_number(measurement.value_as_number), measurement.value_as_number, measurement.value_source_value
        ) AS text,
        operators.meaning AS operator,
        units.unit
    FROM source.measurement
    LEFT JOIN meanings AS standard ON measurement.measurement_concept_id = standard.concept_id
    LEFT JOIN meanings AS original ON measurement.measurement_source_concept_id = original.concept_id
    LEFT JOIN loinc ON measurement.measurement_source_value = loinc.key
    LEFT JOIN operators ON measurement.operator_concept_id = operators.concept_id
    LEFT JOIN units ON measurement.unit_concept_id = units.concept_id
),

final AS (
    SELECT
        measurement_id AS result_id,
        person_id AS patient_id,
        measurement_date AS collected_at,
        CASE
            WHEN is_by_standard THEN standard_vocabulary
            WHEN has_original THEN original_vocabulary
            WHEN loinc IS NOT NULL THEN 'LOINC'
            WHEN is_unmapped(measurement_concept_id, measurement_source_concept_id, measurement_source_value)
                THEN 'OMOP source'
            ELSE 'OMOP'
        END AS vocabulary,
        CASE
            WHEN is_by_standard THEN standard_code
            WHEN has_original THEN original_code
            WHEN loinc IS NOT NULL THEN loinc
            WHEN is_unmapped(measurement_concept_id, measurement_source_concept_id, measurement_source_value)
                THEN measurement_source_value
            ELSE first_concept(measurement_concept_id, measurement_source_concept_id)
        END AS code,
        coalesce(number, number_in(text)) AS value,
        -- "=" is what an ETL writes where it looked at nothing: the sign in the value of the source tells then.
        weaker_of(nullif(operator, '='), comparator_in(text)) AS comparator,
        coalesce(unit, as_text(unit_source_value), CASE WHEN has_concept(unit_concept_id) THEN 'OMOP ' || unit_concept_id END) AS unit,
        range_low AS reference_low,
        range_high AS reference_high,
        CASE
            WHEN is_contradictory THEN 'contradicting_codes'
            WHEN contradicts(operator, comparator_in(text)) AND NOT list_contains(getvariable('serologies'), concept)
                THEN 'contradicting_comparator'
            WHEN
                number IS NULL
                AND text IS NOT NULL
                AND number_in(text) IS NULL
                AND NOT list_contains(getvariable('serologies'), concept)
                THEN 'not_a_number'
        END AS rejected,
        'measurement' AS source_table
    FROM joined
)

SELECT * FROM final
