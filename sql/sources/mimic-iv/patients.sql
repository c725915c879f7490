-- Patients, each observed from the first to the last day of anything that the feed holds of them.
-- Grain: a row of patients.
WITH
patients AS (SELECT * FROM source.patients),

seen AS (
    SELECT subject_id, as_day(admittime) AS first_day, as_day(dischtime) AS last_day, as_day(deathtime) AS death_day
    FROM source.admissions
    UNION ALL
    SELECT subject_id, as_day(charttime), as_day(charttime), NULL FROM source.labevents
    UNION ALL
    SELECT subject_id, as_day(starttime), as_day(stoptime), NULL FROM source.prescriptions
),

observed AS (
    SELECT
        subject_id,
        min(first_day) AS observation_start,
        max(greatest(first_day, last_day)) AS observation_end,
        arg_min(death_day, death_order(death_day)) AS death_in_hospital
    FROM seen
    GROUP BY subject_id
),

final AS (
    SELECT
        patients.subject_id AS patient_id,
        patients.gender AS sex,
        -- All who were older than 89 have the age 91.
        CASE
            WHEN as_number(patients.anchor_age) <= 89
                THEN as_number(patients.anchor_year) - as_number(patients.anchor_age)
        END AS birth_year,
        'BIDMC' AS site_id,
        observed.observation_start,
        observed.observation_end,
        -- Of the two the latest that stands counts.
        CASE
            WHEN death_order(as_day(patients.dod)) <= death_order(observed.death_in_hospital)
                THEN as_text(local_text(patients.dod))
            ELSE CAST(observed.death_in_hospital AS VARCHAR)
        END AS death_date,
        'patients' AS source_table
    FROM patients
    LEFT JOIN observed ON patients.subject_id = observed.subject_id
)

SELECT * FROM final
