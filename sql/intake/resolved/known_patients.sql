-- The patients that other tables may speak of. Grain: an accepted patient.
WITH
accepted AS (
    SELECT patients.*
    FROM resolved.patients
    ANTI JOIN outcome.patients USING (row_number)
),

final AS (SELECT patient_id, sex FROM accepted)

SELECT * FROM final
