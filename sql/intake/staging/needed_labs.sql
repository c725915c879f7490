-- The results that are staged, with all that is known of them. Grain: an accepted result of a listed analyte, of a
-- patient who ever took the audited drug, collected on or before the as-of date.
WITH
accepted AS (
    SELECT lab_results.* FROM resolved.lab_results ANTI JOIN outcome.lab_results USING (row_number)
),

audited AS (SELECT patient_id FROM resolved.people WHERE is_audited),

final AS (
    SELECT *
    FROM accepted
    SEMI JOIN audited USING (patient_id)
    WHERE is_listed AND collected_at <= getvariable('as_of')
)

SELECT * FROM final
