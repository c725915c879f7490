-- The doses of the audited drug that were made unknown. Grain: a staged exposure record.
WITH
needed_exposures AS (SELECT * FROM staging.needed_exposures),

final AS (SELECT exposure_id, dose_note AS reason FROM needed_exposures WHERE dose_note IS NOT NULL)

SELECT * FROM final ORDER BY exposure_id
