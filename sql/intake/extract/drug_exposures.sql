-- The received columns of drug_exposures, read. Grain: a received row.
WITH
drug_exposures AS (SELECT * FROM received.drug_exposures),

final AS (
    SELECT
        row_number,
        as_text(exposure_id) AS exposure_id,
        as_text(patient_id) AS patient_id,
        vocabulary,
        code,
        is_given(start_date) AS has_start_date,
        as_day(start_date) AS start_date,
        is_given(end_date) AS has_end_date,
        as_end(end_date) AS end_date,
        is_given(days_supply) AS has_days_supply,
        as_number(days_supply) AS days_supply,
        is_given(daily_dose_mg) AS has_daily_dose_mg,
        as_number(daily_dose_mg) AS daily_dose_mg,
        as_text(frequency) AS frequency,
        lower(as_text(end_type)) AS end_type,
        lower(as_text(stop_reason)) AS stop_reason,
        as_text(route) AS route,
        is_given(recorded_at) AS has_recorded_at,
        as_day(recorded_at) AS recorded_on,
        as_text(dose_note) AS dose_note,
        as_text(dosage_text) AS dosage_text,
        as_text(length_basis) AS length_basis
    FROM drug_exposures
)

SELECT * FROM final
