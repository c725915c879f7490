-- drug_exposures with concept, and what its checks ask. Grain: a received row that was recorded on or before the
-- as-of date.
WITH
drug_exposures AS (SELECT * FROM extract.drug_exposures),

codes AS (SELECT * FROM resolved.codes WHERE table_name = 'drug_exposures'),

known_patients AS (SELECT * FROM resolved.known_patients),

frequencies AS (SELECT * FROM reference.frequencies),

known AS (
    SELECT * FROM drug_exposures WHERE recorded_on IS NULL OR recorded_on <= getvariable('as_of')
),

final AS (
    SELECT
        known.row_number,
        known.exposure_id,
        known.patient_id,
        known_patients.patient_id IS NOT NULL AS is_known_patient,
        as_text(known.vocabulary) AS vocabulary,
        as_text(known.code) AS code,
        codes.concept,
        codes.concept IS NOT NULL AS is_listed,
        coalesce(codes.is_conflicting, FALSE) AS is_concept_conflicting,
        known.has_start_date,
        known.start_date,
        known.has_end_date,
        known.end_date,
        known.has_days_supply,
        known.days_supply,
        known.has_days_supply AND plausible_supply(known.days_supply) IS NULL AS is_supply_implausible,
        known.length_basis,
        known.has_daily_dose_mg,
        known.daily_dose_mg,
        CASE
            WHEN codes.concept <> getvariable('audited_drug') THEN NULL
            WHEN known.daily_dose_mg < getvariable('dose_min_mg') THEN 'below_minimum'
            WHEN known.daily_dose_mg > getvariable('dose_max_mg') THEN 'above_maximum'
            ELSE known.dose_note
        END AS dose_note,
        known.dose_note AS told_dose_note,
        known.dosage_text,
        coalesce(frequencies.frequency, known.frequency) AS frequency,
        known.end_type,
        known.stop_reason,
        known.route,
        FALSE AS is_retracted,
        known.has_recorded_at AND known.recorded_on IS NULL AS is_recorded_at_unreadable
    FROM known
    LEFT JOIN codes ON known.vocabulary = codes.vocabulary AND known.code = codes.code
    LEFT JOIN known_patients ON known.patient_id = known_patients.patient_id
    LEFT JOIN frequencies ON frequency_key(known.frequency) = frequencies.spelling
)

SELECT * FROM final
