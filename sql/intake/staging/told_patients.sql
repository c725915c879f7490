-- Who stands in the extract's patients, rejected rows too. Grain: a patient.
WITH
patients AS (SELECT * FROM resolved.patients),

final AS (
    SELECT DISTINCT patient_id
    FROM patients
    WHERE patient_id IS NOT NULL
)

SELECT * FROM final ORDER BY patient_id
