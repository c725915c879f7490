-- The received columns of lab_results, read. Grain: a received row.
WITH
lab_results AS (SELECT * FROM received.lab_results),

final AS (
    SELECT
        row_number,
        as_text(result_id) AS result_id,
        as_text(patient_id) AS patient_id,
        is_given(collected_at) AS has_collected_at,
        as_day(collected_at) AS collected_at,
        vocabulary,
        code,
        unit,
        is_given(value) AS has_value,
        number_in(value) AS received_value,
        comparator_in(value) AS comparator_in_value,
        as_text(comparator) AS comparator,
        as_number(reference_low) AS reference_low,
        is_given(reference_high) AS has_reference_high,
        as_number(reference_high) AS reference_high,
        lower(as_text(status)) AS status,
        is_given(recorded_at) AS has_recorded_at,
        as_day(recorded_at) AS recorded_on,
        as_text(laboratory_id) AS laboratory_id
    FROM lab_results
)

SELECT * FROM final
