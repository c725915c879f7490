-- The known patients, and who of them ever took the audited drug. Grain: an accepted patient.
WITH
known_patients AS (SELECT * FROM resolved.known_patients),

observed AS (SELECT patient_id FROM resolved.patients WHERE observation_start <= getvariable('as_of')),

takers AS (
    SELECT DISTINCT drug_exposures.patient_id
    FROM resolved.drug_exposures
    ANTI JOIN outcome.drug_exposures USING (row_number)
    SEMI JOIN observed USING (patient_id)
    WHERE drug_exposures.concept = getvariable('audited_drug') AND drug_exposures.start_date <= getvariable('as_of')
),

final AS (
    SELECT known_patients.*, takers.patient_id IS NOT NULL AS is_audited
    FROM known_patients
    LEFT JOIN takers USING (patient_id)
)

SELECT * FROM final
