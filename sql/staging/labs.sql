-- Grain: a staged result, sorted by patient and date.
WITH
needed_labs AS (SELECT * FROM staging.needed_labs),

final AS (
    SELECT result_id, patient_id, day AS date, concept, value, comparator, uln, uln_source, unit
    FROM needed_labs
)

SELECT * FROM final ORDER BY patient_id, date, result_id
