-- Hospital stays of every kind, those for observation too. Grain: a row of admissions.
WITH
admissions AS (SELECT * FROM source.admissions),

final AS (
    SELECT
        hadm_id AS stay_id,
        subject_id AS patient_id,
        admittime AS admitted_on,
        dischtime AS discharged_on,
        'admissions' AS source_table
    FROM admissions
)

SELECT * FROM final
