-- Grain: an accepted event of a listed concept, of a patient who ever took the audited drug, dated on or before the
-- as-of date.
WITH
accepted AS (
    SELECT clinical_events.* FROM resolved.clinical_events ANTI JOIN outcome.clinical_events USING (row_number)
),

audited AS (SELECT patient_id FROM resolved.people WHERE is_audited),

final AS (
    SELECT event_id, patient_id, event_date AS date, concept
    FROM accepted
    SEMI JOIN audited USING (patient_id)
    WHERE is_listed AND event_date <= getvariable('as_of')
)

SELECT * FROM final ORDER BY patient_id, date, event_id
