-- Grain: a staged result, sorted by patient and date.
WITH
needed_labs AS (SELECT * FROM staging.needed_labs),

analytes AS (SELECT * FROM reference.analytes),

final AS (
    SELECT
        needed_labs.result_id,
        needed_labs.patient_id,
        needed_labs.collected_at AS date,
        analytes.concept,
        needed_labs.value,
        needed_labs.comparator,
        needed_labs.uln,
        CASE
            WHEN needed_labs.is_uln_printed THEN 'printed'
            WHEN needed_labs.is_uln_of_site THEN 'site'
            WHEN needed_labs.uln IS NOT NULL THEN 'default'
        END AS uln_source,
        CASE WHEN needed_labs.is_unit_known THEN analytes.unit END AS unit,
        needed_labs.status
    FROM needed_labs
    INNER JOIN analytes ON needed_labs.analyte = analytes.analyte
)

SELECT * FROM final ORDER BY patient_id, date, result_id
