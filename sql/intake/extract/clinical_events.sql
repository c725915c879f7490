-- The received columns of clinical_events, read. Grain: a received row.
WITH
clinical_events AS (SELECT * FROM received.clinical_events),

final AS (
    SELECT
        row_number,
        as_text(event_id) AS event_id,
        as_text(patient_id) AS patient_id,
        is_given(event_date) AS has_event_date,
        as_day(event_date) AS event_date,
        vocabulary,
        code,
        is_given(recorded_at) AS has_recorded_at,
        as_day(recorded_at) AS recorded_on
    FROM clinical_events
)

SELECT * FROM final
