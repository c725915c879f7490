-- What was done to a staged row beyond its contract. Grain: a result or an exposure record, and a note.
WITH
needed_exposures AS (SELECT * FROM staging.needed_exposures),

needed_labs AS (SELECT * FROM staging.needed_labs),

final AS (
    SELECT 'lab_results' AS "table", result_id AS source_id, 'unit_inferred' AS note FROM needed_labs
    WHERE is_unit_inferred
    UNION ALL
    SELECT 'lab_results', result_id, 'printed_uln_not_used' FROM needed_labs WHERE is_printed_uln_not_used
    UNION ALL
    SELECT 'lab_results', result_id, 'comparator_in_value' FROM needed_labs
    WHERE is_comparator_from_value AND comparator IS NOT NULL
    UNION ALL
    SELECT 'drug_exposures', exposure_id, 'implausible_supply' FROM needed_exposures WHERE is_supply_implausible
    UNION ALL
    SELECT 'drug_exposures', exposure_id, 'assumed_supply' FROM needed_exposures WHERE length_basis = 'assumed'
    UNION ALL
    SELECT 'drug_exposures', exposure_id, 'rests_on_refills' FROM needed_exposures WHERE length_basis = 'refills'
)

SELECT * FROM final ORDER BY ALL
