-- inpatient_stays from visit_occurrence. Grain: a row of visit_occurrence; a visit that is no stay is left out.
WITH
stays AS (SELECT * FROM omop_stays()),

final AS (
    SELECT
        visit_occurrence_id AS stay_id,
        person_id AS patient_id,
        visit_start_date AS admitted_on,
        visit_end_date AS discharged_on,
        CASE WHEN stays.concept_id IS NULL THEN 'not_inpatient' END AS left_out,
        'visit_occurrence' AS source_table
    FROM source.visit_occurrence
    LEFT JOIN stays ON visit_occurrence.visit_concept_id = stays.concept_id
)

SELECT * FROM final
