-- clinical_events, and what its checks ask. Grain: a received row that was recorded on or before the
-- as-of date.
WITH
clinical_events AS (SELECT * FROM extract.clinical_events),

listed AS (
    SELECT DISTINCT vocabulary, code FROM resolved.codes WHERE table_name = 'clinical_events' AND concept IS NOT NULL
),

people AS (SELECT * FROM resolved.people),

known AS (
    SELECT * FROM clinical_events WHERE recorded_on IS NULL OR recorded_on <= getvariable('as_of')
),

final AS (
    SELECT
        known.row_number,
        known.event_id,
        known.patient_id,
        people.patient_id IS NOT NULL AS is_known_patient,
        known.has_event_date,
        known.event_date,
        known.vocabulary AS received_vocabulary,
        known.code AS received_code,
        as_text(known.vocabulary) AS vocabulary,
        as_text(known.code) AS code,
        listed.code IS NOT NULL AS is_listed,
        FALSE AS is_retracted,
        known.has_recorded_at AND known.recorded_on IS NULL AS is_recorded_at_unreadable
    FROM known
    LEFT JOIN listed ON known.vocabulary = listed.vocabulary AND known.code = listed.code
    LEFT JOIN people ON known.patient_id = people.patient_id
)

SELECT * FROM final
