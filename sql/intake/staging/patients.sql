-- Grain: a patient who ever took the audited drug.
WITH
accepted AS (
    SELECT patients.* FROM resolved.patients ANTI JOIN outcome.patients USING (row_number)
),

audited AS (SELECT patient_id FROM resolved.people WHERE is_audited),

final AS (
    SELECT
        patient_id,
        sex,
        try_cast(birth_year AS BIGINT) AS birth_year,
        site_id,
        observation_start,
        observation_end,
        death_date
    FROM accepted
    SEMI JOIN audited USING (patient_id)
    WHERE observation_start <= getvariable('as_of')
)

SELECT * FROM final ORDER BY patient_id
