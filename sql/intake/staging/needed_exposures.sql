-- The exposure records that are staged, with all that is known of them. Grain: an accepted record of a listed drug, of
-- a patient who ever took the audited drug, begun on or before the as-of date.
WITH
accepted AS (
    SELECT drug_exposures.* FROM resolved.drug_exposures ANTI JOIN outcome.drug_exposures USING (row_number)
),

audited AS (SELECT patient_id FROM resolved.people WHERE is_audited),

final AS (
    SELECT *
    FROM accepted
    SEMI JOIN audited USING (patient_id)
    WHERE is_listed AND start_date <= getvariable('as_of')
)

SELECT * FROM final
