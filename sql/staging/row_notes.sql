-- What was done to a staged result beyond its contract. Grain: a result and a note.
WITH
needed_labs AS (SELECT * FROM staging.needed_labs),

final AS (
    SELECT 'lab_results' AS "table", result_id AS source_id, 'unit_inferred' AS note FROM needed_labs
    WHERE is_unit_inferred
    UNION ALL
    SELECT 'lab_results', result_id, 'implausible_limit' FROM needed_labs WHERE is_limit_implausible
    UNION ALL
    SELECT 'lab_results', result_id, 'comparator_in_value' FROM needed_labs
    WHERE is_comparator_from_value AND comparator IS NOT NULL
)

SELECT * FROM final ORDER BY ALL
