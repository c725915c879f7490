-- What was done to a staged row beyond its contract. Grain: a row and a note.
WITH
needed_exposures AS (SELECT * FROM staging.needed_exposures),

needed_labs AS (SELECT * FROM staging.needed_labs),

unreadable_deaths AS (
    SELECT patients.patient_id
    FROM resolved.patients
    ANTI JOIN outcome.patients USING (row_number)
    SEMI JOIN (SELECT patient_id FROM resolved.people WHERE is_audited) AS audited USING (patient_id)
    WHERE patients.has_death_date AND patients.death_date IS NULL AND patients.observation_start <= getvariable('as_of')
),

final AS (
    SELECT 'lab_results' AS table_name, result_id AS source_id, 'unit_inferred' AS note FROM needed_labs
    WHERE is_unit_inferred
    UNION ALL
    SELECT 'lab_results', result_id, 'implausible_limit' FROM needed_labs WHERE is_limit_implausible
    UNION ALL
    SELECT 'lab_results', result_id, 'comparator_in_value' FROM needed_labs
    WHERE is_comparator_from_value AND comparator IS NOT NULL
    UNION ALL
    SELECT 'patients', patient_id, 'unreadable_death_date' FROM unreadable_deaths
    UNION ALL
    SELECT 'drug_exposures', exposure_id, 'implausible_supply' FROM needed_exposures WHERE is_supply_implausible
    UNION ALL
    SELECT 'drug_exposures', exposure_id, 'assumed_supply' FROM needed_exposures WHERE length_basis = 'assumed'
    UNION ALL
    SELECT 'drug_exposures', exposure_id, 'rests_on_refills' FROM needed_exposures WHERE length_basis = 'refills'
)

SELECT * FROM final ORDER BY ALL
