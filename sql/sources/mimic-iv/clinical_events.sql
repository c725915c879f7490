-- Diagnoses, dated at the discharge after which they were coded, procedures, and billed services.
-- Grain: a row of diagnoses_icd, of procedures_icd, or of hcpcsevents.
-- Codes of procedures have vocabularies of their own: without the dot, procedure 57.01 would read as diagnosis 570.1.
WITH
stays AS (SELECT * FROM hospital_stays()),

diagnoses AS (
    SELECT *, dense_rank() OVER (PARTITION BY subject_id, hadm_id, seq_num ORDER BY icd_version, icd_code) AS place
    FROM source.diagnoses_icd
),

procedures AS (
    SELECT *, dense_rank() OVER (PARTITION BY subject_id, hadm_id, seq_num ORDER BY icd_version, icd_code) AS place
    FROM source.procedures_icd
),

services AS (
    SELECT *, dense_rank() OVER (PARTITION BY subject_id, hadm_id, seq_num ORDER BY chartdate, hcpcs_cd) AS place
    FROM source.hcpcsevents
),

final AS (
    SELECT
        concat_ws('-', diagnoses.subject_id, diagnoses.hadm_id, diagnoses.seq_num, nullif(diagnoses.place, 1))
            AS event_id,
        diagnoses.subject_id AS patient_id,
        CAST(stays.discharged_on AS VARCHAR) AS event_date,
        CASE as_text(diagnoses.icd_version)
            WHEN '9' THEN 'ICD-9-CM' WHEN '10' THEN 'ICD-10-CM' ELSE 'ICD-' || as_text(diagnoses.icd_version)
        END AS vocabulary,
        as_text(diagnoses.icd_code) AS code,
        'diagnoses_icd' AS source_table,
        diagnoses.row_number
    FROM diagnoses
    LEFT JOIN stays ON as_text(diagnoses.hadm_id) = stays.hadm_id
    UNION ALL
    SELECT
        'procedures_icd:' || concat_ws('-', subject_id, hadm_id, seq_num, nullif(place, 1)),
        subject_id,
        local_text(chartdate),
        CASE as_text(icd_version)
            WHEN '9' THEN 'ICD-9-Proc' WHEN '10' THEN 'ICD-10-PCS' ELSE 'ICD-' || as_text(icd_version) || '-Proc'
        END,
        as_text(icd_code),
        'procedures_icd',
        row_number
    FROM procedures
    UNION ALL
    SELECT
        'hcpcsevents:' || concat_ws('-', subject_id, hadm_id, seq_num, nullif(place, 1)),
        subject_id,
        local_text(chartdate),
        'CPT',
        as_text(hcpcs_cd),
        'hcpcsevents',
        row_number
    FROM services
)

SELECT * EXCLUDE (row_number) FROM final ORDER BY source_table, row_number
