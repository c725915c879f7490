-- lab_results with concept, canonical unit and upper limit, and what its checks ask. Grain: a received row that was
-- recorded on or before the as-of date.
WITH
lab_results AS (SELECT * FROM extract.lab_results),

lab_codes AS (SELECT * FROM resolved.lab_codes),

inferable AS (SELECT * FROM reference.inferable_units),

people AS (SELECT * FROM resolved.people),

by_sex AS (SELECT * FROM reference.site_uln),

for_all AS (SELECT * FROM reference.site_uln WHERE sex IS NULL),

known AS (
    SELECT * FROM lab_results WHERE recorded_on IS NULL OR recorded_on <= getvariable('as_of')
),

joined AS (
    SELECT
        known.*,
        lab_codes.analyte,
        lab_codes.needs_value,
        lab_codes.low,
        lab_codes.high,
        coalesce(lab_codes.printed_uln_low, 0) AS printed_uln_low,
        coalesce(lab_codes.printed_uln_high, 'infinity') AS printed_uln_high,
        lab_codes.has_vocabulary,
        lab_codes.has_code,
        lab_codes.is_concept_conflicting,
        lab_codes.has_unit,
        people.patient_id IS NOT NULL AS is_known_patient,
        lab_codes.concept_to_infer IS NOT NULL AND inferable.concept IS NOT NULL AS is_unit_inferred,
        coalesce(lab_codes.multiply, CASE WHEN lab_codes.concept_to_infer IS NOT NULL THEN inferable.multiply END)
            AS multiply,
        coalesce(lab_codes.divide, CASE WHEN lab_codes.concept_to_infer IS NOT NULL THEN inferable.divide END) AS divide,
        -- A limit of 0.58 beside U/L is that of a laboratory which reports ukat/L.
        CASE
            WHEN lab_codes.multiply / lab_codes.divide <> inferable.multiply / inferable.divide
                THEN inferable.contradicted_below
        END AS contradicted_below,
        coalesce(by_sex.uln, for_all.uln) AS site_uln,
        lab_codes.default_uln
    FROM known
    LEFT JOIN lab_codes
        ON
            known.vocabulary IS NOT DISTINCT FROM lab_codes.vocabulary
            AND known.code IS NOT DISTINCT FROM lab_codes.code
            AND known.unit IS NOT DISTINCT FROM lab_codes.unit
    LEFT JOIN people ON known.patient_id = people.patient_id
    LEFT JOIN inferable
        ON
            lab_codes.concept = inferable.concept
            AND known.reference_high BETWEEN inferable.uln_low AND inferable.uln_high
    LEFT JOIN by_sex
        ON
            lab_codes.concept = by_sex.concept
            AND people.sex = by_sex.sex
            AND known.collected_at BETWEEN by_sex.valid_from AND by_sex.valid_to
    LEFT JOIN for_all
        ON
            lab_codes.concept = for_all.concept
            AND known.collected_at BETWEEN for_all.valid_from AND for_all.valid_to
),

converted AS (
    SELECT
        *,
        received_value * multiply / divide AS converted_value,
        reference_low * multiply / divide AS converted_lower,
        reference_high * multiply / divide AS converted_uln
    FROM joined
),

limited AS (
    SELECT
        *,
        CASE
            WHEN
                converted_uln > 0
                AND converted_uln BETWEEN printed_uln_low AND printed_uln_high
                AND (converted_lower IS NULL OR converted_uln >= converted_lower)
                THEN converted_uln
        END AS printed_uln
    FROM converted
),

final AS (
    SELECT
        row_number,
        result_id,
        patient_id,
        is_known_patient,
        has_collected_at,
        collected_at,
        has_vocabulary,
        has_code,
        analyte,
        analyte IS NOT NULL AS is_listed,
        is_concept_conflicting,
        coalesce(needs_value, FALSE) AS needs_value,
        has_value,
        received_value IS NOT NULL AS is_number,
        converted_value AS value,
        (converted_value > 0 OR coalesce(low = 0, FALSE))
        AND (low IS NULL OR converted_value >= low)
        AND (high IS NULL OR converted_value <= high) AS is_plausible,
        CASE WHEN converted_value IS NOT NULL THEN weaker_of(comparator, comparator_in_value) END AS comparator,
        comparator IS NULL OR comparator IN ('<', '<=', '>', '>=') AS is_comparator_valid,
        contradicts(comparator, comparator_in_value) AS is_comparator_contradicting,
        comparator IS NULL AND comparator_in_value IS NOT NULL AS is_comparator_from_value,
        has_unit,
        multiply IS NOT NULL AS is_unit_known,
        is_unit_inferred,
        analyte IS NOT NULL AND has_reference_high AND printed_uln IS NULL AS is_limit_implausible,
        CASE WHEN analyte IS NOT NULL AND has_reference_high AND printed_uln IS NULL THEN laboratory_id END
            AS laboratory_of_limit,
        coalesce(printed_uln IS NULL AND converted_value < contradicted_below, FALSE) AS is_unit_contradicting_limit,
        CASE WHEN analyte IS NOT NULL THEN coalesce(printed_uln, site_uln, default_uln) END AS uln,
        printed_uln IS NOT NULL AS is_uln_printed,
        site_uln IS NOT NULL AS is_uln_of_site,
        coalesce(status, 'final') AS status,
        status IS NULL OR list_contains(getvariable('statuses'), status) AS is_status_known,
        coalesce(list_contains(getvariable('retracted'), status), FALSE) AS is_retracted,
        has_recorded_at AND recorded_on IS NULL AS is_recorded_at_unreadable
    FROM limited
)

SELECT * FROM final
