-- drug_exposures from drug_exposure. Grain: a row of drug_exposure. A CDM has no time of recording.
WITH
meanings AS MATERIALIZED (SELECT * FROM omop_meanings('drug_exposures')),

asked AS (
    SELECT drug_concept_id AS concept_id FROM source.drug_exposure
    UNION
    SELECT drug_source_concept_id FROM source.drug_exposure
),

names AS (
    SELECT concept_id, min(as_text(concept_name)) AS name
    FROM source.concept
    SEMI JOIN asked USING (concept_id)
    GROUP BY concept_id
),

strengths AS MATERIALIZED (SELECT * FROM omop_strengths()),

stays AS (
    SELECT visit_occurrence_id, person_id, max(as_day(visit_end_date)) AS discharged_on
    FROM source.visit_occurrence
    WHERE visit_concept_id IN (FROM omop_stays())
    GROUP BY visit_occurrence_id, person_id
),

coded AS (
    SELECT
        drug_exposure.*,
        standard.vocabulary AS standard_vocabulary,
        standard.code AS standard_code,
        original.vocabulary AS original_vocabulary,
        original.code AS original_code,
        standard_tells(standard.concept, standard.is_listed, original.is_listed) AS is_by_standard,
        coalesce(standard.concept, original.concept) AS concept,
        coalesce(
            standard.is_contradictory
            OR original.is_contradictory
            OR standard.concept <> original.concept,
            FALSE
        ) AS is_contradictory,
        CASE WHEN has_concept(drug_concept_id) THEN standard_name.name END AS standard_name,
        CASE WHEN has_concept(drug_source_concept_id) THEN original_name.name END AS original_name,
        as_text(drug_source_value) AS source_value
    FROM source.drug_exposure
    LEFT JOIN meanings AS standard ON drug_exposure.drug_concept_id = standard.concept_id
    LEFT JOIN meanings AS original ON drug_exposure.drug_source_concept_id = original.concept_id
    LEFT JOIN names AS standard_name ON drug_exposure.drug_concept_id = standard_name.concept_id
    LEFT JOIN names AS original_name ON drug_exposure.drug_source_concept_id = original_name.concept_id
),

told AS (
    SELECT
        *,
        CASE
            WHEN is_by_standard THEN [standard_vocabulary, standard_code]
            WHEN original_code IS NOT NULL THEN [original_vocabulary, original_code]
            WHEN standard_name IS NOT NULL THEN ['name', standard_name]
            WHEN has_concept(drug_concept_id) THEN ['OMOP', drug_concept_id]
            WHEN regexp_full_match(source_value, '[A-Z]\d\d[A-Z]{2}\d\d') THEN ['ATC', source_value]
            WHEN regexp_matches(source_value, '\pL') THEN ['name', source_value]
            WHEN original_name IS NOT NULL THEN ['name', original_name]
            WHEN has_concept(drug_source_concept_id) THEN ['OMOP', drug_source_concept_id]
            WHEN source_value IS NOT NULL THEN ['OMOP source', source_value]
            ELSE ['OMOP', drug_concept_id]
        END AS told,
        -- The end must be there, and some ETLs write the start where they know none: a supply of days tells otherwise.
        coalesce(
            NOT is_given(verbatim_end_date)
            AND as_text(stop_reason) IS NULL
            AND as_day(drug_exposure_end_date) = as_day(drug_exposure_start_date)
            AND as_number(days_supply) > 1,
            FALSE
        ) AS is_end_filled,
        CASE
            WHEN NOT is_end_filled
                THEN coalesce(
                    as_text(CAST(verbatim_end_date AS VARCHAR)), as_text(CAST(drug_exposure_end_date AS VARCHAR))
                )
        END AS end_date
    FROM coded
),

-- The kinds of record by the type of a row, the better first; a type that is not listed says nothing.
kinds AS (
    SELECT
        concept_id,
        CASE meaning WHEN 'order' THEN 1 WHEN 'dispensing' THEN 2 WHEN 'administration' THEN 3 ELSE 4 END AS kind
    FROM reference.omop_concepts
    WHERE field = 'drug_type'
),

-- What a person is said to take of a drug by each kind from a day on, to the last day that any row says.
spans AS (
    SELECT
        told.person_id,
        told.concept,
        kinds.kind,
        as_day(told.drug_exposure_start_date) AS first_day,
        max(CASE
            WHEN told.end_date IS NOT NULL THEN as_day(told.end_date)
            WHEN as_number(told.days_supply) > 0
                THEN as_day(told.drug_exposure_start_date) + CAST(least(as_number(told.days_supply), 36500) AS INTEGER) - 1
            ELSE DATE '9999-12-31'
        END) FILTER (WHERE NOT is_given(told.days_supply) OR as_number(told.days_supply) >= 0) AS last_day
    FROM told
    INNER JOIN kinds ON told.drug_type_concept_id = kinds.concept_id
    WHERE
        told.concept IS NOT NULL
        AND NOT told.is_contradictory
        AND told.person_id IS NOT NULL
        AND as_day(told.drug_exposure_start_date) IS NOT NULL
    GROUP BY ALL
),

-- One drug as ordered, dispensed, administered and reported is taken once: the doses must not add up. A start that a
-- better kind covers is left out; what is left out itself covers nothing.
by_order AS (
    SELECT
        *,
        kind > 1 AND coalesce(max(last_day) FILTER (WHERE kind = 1) OVER so_far >= first_day, FALSE) AS as_order
    FROM spans
    WINDOW so_far AS (PARTITION BY person_id, concept ORDER BY first_day)
),

by_dispensing AS (
    SELECT
        *,
        kind > 2
        AND coalesce(max(last_day) FILTER (WHERE kind = 2 AND NOT as_order) OVER so_far >= first_day, FALSE)
            AS as_dispensing
    FROM by_order
    WINDOW so_far AS (PARTITION BY person_id, concept ORDER BY first_day)
),

by_administration AS (
    SELECT
        *,
        kind > 3
        AND coalesce(
            max(last_day) FILTER (WHERE kind = 3 AND NOT as_order AND NOT as_dispensing) OVER so_far >= first_day, FALSE
        ) AS as_administration
    FROM by_dispensing
    WINDOW so_far AS (PARTITION BY person_id, concept ORDER BY first_day)
),

seen AS (
    SELECT
        person_id,
        concept,
        kind,
        first_day,
        CASE
            WHEN as_order THEN 'seen_as_order'
            WHEN as_dispensing THEN 'seen_as_dispensing'
            WHEN as_administration THEN 'seen_as_administration'
        END AS left_out
    FROM by_administration
    WHERE as_order OR as_dispensing OR as_administration
),

dosed AS (
    SELECT
        told.*,
        coalesce(strengths.mg, strength_in(coalesce(told.standard_name, told.original_name, told.source_value))) AS mg,
        stays.discharged_on,
        seen.left_out,
        as_text(told.sig) AS dosage_text,
        CASE WHEN readings.is_known IS NOT TRUE THEN dosage_text END AS unread_text,
        readings.frequency,
        readings.mg_a_day,
        readings.pieces_a_day,
        readings.piece_mg,
        readings.other_piece_mg
    FROM told
    LEFT JOIN source.dosage_readings AS readings ON told.sig = readings.text
    LEFT JOIN strengths
        ON
            told.drug_concept_id = strengths.drug_concept_id
            AND (strengths.ingredient_count = 1 OR told.concept = strengths.concept)
    LEFT JOIN stays
        ON told.visit_occurrence_id = stays.visit_occurrence_id AND told.person_id = stays.person_id
    LEFT JOIN kinds ON told.drug_type_concept_id = kinds.concept_id
    LEFT JOIN seen
        ON
            told.person_id = seen.person_id
            AND told.concept = seen.concept
            AND kinds.kind = seen.kind
            AND as_day(told.drug_exposure_start_date) = seen.first_day
),

-- The dose by amount and days of supply, beside that of the text; where the two differ nobody knows which one is taken.
told_doses AS (
    SELECT
        *,
        positive_ratio(as_number(quantity) * mg, as_number(days_supply)) AS counted_dose,
        text_dose(mg_a_day, pieces_a_day, piece_mg, other_piece_mg, mg) AS read_dose,
        is_other_tablet(piece_mg, other_piece_mg, mg) AS is_other_tablet
    FROM dosed
),

compared AS (
    SELECT
        *,
        is_other_tablet OR is_apart(counted_dose, read_dose) AS is_contradicting_dose,
        coalesce(counted_dose, read_dose) AS dose
    FROM told_doses
),

final AS (
    SELECT
        drug_exposure_id AS exposure_id,
        person_id AS patient_id,
        told[1] AS vocabulary,
        told[2] AS code,
        drug_exposure_start_date AS start_date,
        end_date,
        CASE WHEN as_number(days_supply) = 0 THEN NULL ELSE days_supply END AS days_supply,
        CASE WHEN NOT is_contradicting_dose THEN dose END AS daily_dose_mg,
        coalesce(frequency, dosage_text) AS frequency,
        dose_note_of(is_contradicting_dose, dose, unread_text) AS dose_note,
        unread_text AS dosage_text,
        CASE
            WHEN is_end_filled THEN 'supply'
            WHEN end_date IS NULL THEN 'ongoing'
            -- A stop for the liver is a stop, on whatever day the patient went home.
            WHEN stop_reason_of(stop_reason) IN ('hepatotoxicity', 'abnormal_lft') THEN 'explicit'
            WHEN abs(date_diff('day', discharged_on, as_day(end_date))) <= 1 THEN 'discharge'
            WHEN as_text(stop_reason) IS NOT NULL OR is_given(verbatim_end_date) THEN 'explicit'
            ELSE 'supply'
        END AS end_type,
        stop_reason_of(stop_reason) AS stop_reason,
        as_text(route_source_value) AS route,
        CASE WHEN NOT is_contradictory THEN left_out END AS left_out,
        CASE WHEN is_contradictory THEN 'contradicting_codes' END AS rejected,
        'drug_exposure' AS source_table
    FROM compared
)

SELECT * FROM final
