-- Grain: a listed concept of an accepted event (a code may stand for several), of a patient who ever took the audited drug, dated on or before the
-- as-of date.
WITH
accepted AS (
    SELECT clinical_events.* FROM resolved.clinical_events ANTI JOIN outcome.clinical_events USING (row_number)
),

audited AS (SELECT patient_id FROM resolved.people WHERE is_audited),

codes AS (SELECT vocabulary, code, concept FROM resolved.codes WHERE table_name = 'clinical_events'),

final AS (
    SELECT event_id, patient_id, event_date AS date, codes.concept
    FROM accepted
    INNER JOIN codes ON accepted.received_vocabulary = codes.vocabulary AND accepted.received_code = codes.code
    SEMI JOIN audited USING (patient_id)
    WHERE is_listed AND event_date <= getvariable('as_of')
)

SELECT * FROM final ORDER BY patient_id, date, event_id, concept
