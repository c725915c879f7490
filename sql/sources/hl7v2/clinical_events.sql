-- As in a native extract. Grain: a row of clinical_events.
SELECT * EXCLUDE (row_number), 'clinical_events' AS source_table FROM source.clinical_events
