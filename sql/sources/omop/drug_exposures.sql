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
        coalesce(standard.concept, original.concept) AS coded_concept,
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
        as_day(drug_exposure_start_date) AS first_day,
        coalesce(
            as_text(CAST(verbatim_end_date AS VARCHAR)), as_text(CAST(drug_exposure_end_date AS VARCHAR))
        ) AS stated_end
    FROM coded
),

codes AS (SELECT told[1] AS vocabulary, told[2] AS code FROM told WHERE coded_concept IS NULL),

-- A row that no concept tells may be of a drug that the lists know by its name, or by another code.
named AS (
    SELECT told.*, coalesce(told.coded_concept, names.concept) AS concept
    FROM told
    LEFT JOIN drug_concepts(codes) AS names
        ON told.coded_concept IS NULL AND told.told[1] = names.vocabulary AND told.told[2] = names.code
),

-- The kind of record by the type of a row; a type that is not listed says nothing.
kinds AS (SELECT concept_id, meaning AS record_type FROM reference.omop_concepts WHERE field = 'drug_type'),

readings AS (SELECT * FROM source.dosage_readings),

dosed AS (
    SELECT
        named.*,
        kinds.record_type,
        coalesce(strengths.mg, strength_in(coalesce(named.standard_name, named.original_name, named.source_value))) AS mg,
        stays.discharged_on,
        as_text(named.sig) AS dosage_text,
        CASE WHEN readings.is_known IS NOT TRUE THEN dosage_text END AS unread_text,
        readings.frequency,
        readings.length_days,
        readings.mg_a_day,
        readings.pieces_a_day,
        readings.piece_mg,
        readings.other_piece_mg
    FROM named
    LEFT JOIN kinds ON named.drug_type_concept_id = kinds.concept_id
    LEFT JOIN strengths
        ON
            named.drug_concept_id = strengths.drug_concept_id
            AND (strengths.ingredient_count = 1 OR named.concept = strengths.concept)
    LEFT JOIN readings ON named.sig = readings.text
    LEFT JOIN stays
        ON named.visit_occurrence_id = stays.visit_occurrence_id AND named.person_id = stays.person_id
),

-- What else than the end tells a length. One day is what ETLs write where they know none.
supplied AS (
    SELECT
        *,
        coalesce(record_type = 'administration', FALSE) AS is_given,
        as_day(stated_end) <= first_day + 1 AS is_end_at_start,
        CASE WHEN plausible_supply(as_number(days_supply)) > 1 THEN plausible_supply(as_number(days_supply)) END AS supply,
        plausible_supply(positive_ratio(
            as_number(quantity),
            coalesce(pieces_a_day, positive_ratio(mg_a_day, mg))
        )) AS quantity_days,
        fills_of(record_type, as_number(refills)) AS fills
    FROM dosed
),

-- The first that tells how long a record lasts: an end that is stated as such, with a reason, or of an administration, or
-- that is the discharge; the supply, else the quantity, at each fill; the text; any other end. An end must be there:
-- one on the day of the start or the day after, with nothing else, is one that an ETL filled in.
measured AS (
    SELECT
        *,
        CASE
            WHEN stated_end IS NULL THEN FALSE
            WHEN is_given(verbatim_end_date) OR as_text(stop_reason) IS NOT NULL OR is_given THEN TRUE
            WHEN first_day IS NULL OR as_end(stated_end) IS NULL OR as_end(stated_end) < first_day THEN TRUE
            ELSE coalesce(abs(date_diff('day', discharged_on, as_day(stated_end))) <= 1, FALSE) AND NOT is_end_at_start
        END AS is_end_told,
        CASE WHEN NOT is_given
            THEN coalesce(
                coalesce(supply, CASE WHEN quantity_days > 1 THEN quantity_days END) * fills,
                plausible_supply(length_days)
            )
        END AS days
    FROM supplied
),

lasting AS (
    SELECT
        * EXCLUDE (days),
        CASE
            -- A supply without an end is handed on as it is.
            WHEN is_end_told OR (stated_end IS NULL AND supply IS NOT NULL AND fills = 1) THEN NULL
            WHEN days IS NOT NULL THEN days
            WHEN stated_end IS NULL AND is_given THEN 1
            WHEN is_end_at_start THEN getvariable('assumed_supply_days')
        END AS days,
        CASE
            WHEN is_end_told THEN NULL
            WHEN days IS NOT NULL
                THEN CASE WHEN fills > 1 AND (supply IS NOT NULL OR quantity_days > 1) THEN 'refills' END
            WHEN is_end_at_start THEN 'assumed'
        END AS length_basis
    FROM measured
),

ended AS (
    SELECT
        *,
        CASE WHEN days IS NOT NULL THEN CAST(first_day + CAST(days AS INTEGER) - 1 AS VARCHAR) ELSE stated_end END AS end_date
    FROM lasting
),

spans AS (
    SELECT
        row_number,
        person_id,
        concept,
        kind_of(record_type) AS kind,
        record_type,
        first_day,
        CASE
            WHEN end_date IS NOT NULL THEN as_end(end_date)
            WHEN supply IS NOT NULL THEN first_day + CAST(supply AS INTEGER) - 1
            ELSE DATE '9999-12-31'
        END AS last_day,
        coalesce(end_date IS NULL OR as_end(end_date) >= first_day, FALSE) AS is_usable
    FROM ended
    WHERE NOT is_contradictory
),

seen AS (SELECT row_number, 'seen_as_' || seen_as AS left_out FROM seen_elsewhere(spans)),

-- The dose by amount and days of supply, beside that of the text; where the two differ nobody knows which one is taken.
told_doses AS (
    SELECT
        *,
        positive_ratio(as_number(quantity) * mg, CASE WHEN is_given THEN as_number(days_supply) ELSE supply END)
            AS counted_dose,
        text_dose(mg_a_day, pieces_a_day, piece_mg, other_piece_mg, mg) AS read_dose,
        is_other_tablet(piece_mg, other_piece_mg, mg) AS is_other_tablet
    FROM ended
),

compared AS (
    SELECT
        *,
        is_other_tablet OR is_apart(counted_dose, read_dose) AS is_contradicting_dose,
        stop_reason_of(stop_reason) AS told_reason,
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
        CASE WHEN as_number(days_supply) IN (0, 1) AND NOT is_given THEN NULL ELSE days_supply END AS days_supply,
        CASE WHEN NOT is_contradicting_dose THEN dose END AS daily_dose_mg,
        coalesce(frequency, dosage_text) AS frequency,
        dose_note_of(is_contradicting_dose, dose, unread_text) AS dose_note,
        unread_text AS dosage_text,
        CASE
            WHEN end_date IS NULL THEN 'ongoing'
            WHEN days IS NOT NULL THEN 'supply'
            -- A stop for the liver is a stop, on whatever day the patient went home.
            WHEN is_liver(told_reason) THEN 'explicit'
            WHEN abs(date_diff('day', discharged_on, as_day(end_date))) <= 1 THEN 'discharge'
            WHEN as_text(stop_reason) IS NOT NULL OR is_given(verbatim_end_date) THEN 'explicit'
            ELSE 'supply'
        END AS end_type,
        told_reason AS stop_reason,
        as_text(route_source_value) AS route,
        length_basis,
        seen.left_out,
        CASE WHEN is_contradictory THEN 'contradicting_codes' END AS rejected,
        'drug_exposure' AS source_table
    FROM compared
    LEFT JOIN seen ON compared.row_number = seen.row_number
)

SELECT * FROM final
