-- Grain: an accepted stay of a patient who ever took the audited drug, begun on or before the as-of date.
WITH
accepted AS (
    SELECT inpatient_stays.* FROM resolved.inpatient_stays ANTI JOIN outcome.inpatient_stays USING (row_number)
),

audited AS (SELECT patient_id FROM resolved.people WHERE is_audited),

final AS (
    SELECT stay_id, patient_id, admitted_on, discharged_on
    FROM accepted
    SEMI JOIN audited USING (patient_id)
    WHERE admitted_on <= getvariable('as_of')
)

SELECT * FROM final ORDER BY patient_id, admitted_on, stay_id
