-- Grain: a staged exposure record. A dose of the audited drug beyond the guideline's limits is unknown; the record stays.
-- So is a supply that no prescription has.
WITH
needed_exposures AS (SELECT * FROM staging.needed_exposures),

final AS (
    SELECT
        exposure_id,
        patient_id,
        concept,
        concat_ws(' ', vocabulary, code) AS product,
        start_date,
        end_date,
        plausible_supply(days_supply) AS days_supply,
        CASE WHEN dose_note IS NULL THEN daily_dose_mg END AS daily_dose_mg,
        frequency,
        end_type,
        stop_reason,
        route,
        length_basis
    FROM needed_exposures
)

SELECT * FROM final ORDER BY patient_id, start_date, exposure_id
