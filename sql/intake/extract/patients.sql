-- The received columns of patients, read. Grain: a received row.
WITH
patients AS (SELECT * FROM received.patients),

final AS (
    SELECT
        row_number,
        as_text(patient_id) AS patient_id,
        upper(as_text(sex)) AS sex,
        is_given(birth_year) AS has_birth_year,
        as_number(birth_year) AS birth_year,
        as_text(site_id) AS site_id,
        is_given(observation_start) AS has_observation_start,
        as_day(observation_start) AS observation_start,
        is_given(observation_end) AS has_observation_end,
        as_end(observation_end) AS observation_end,
        is_given(death_date) AS has_death_date,
        as_end(death_date) AS death_date
    FROM patients
)

SELECT * FROM final
