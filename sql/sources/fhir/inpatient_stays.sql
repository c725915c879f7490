-- Encounter -> inpatient_stays.
WITH
encounters AS (
    SELECT
        *,
        rank() OVER (PARTITION BY id ORDER BY as_instant(lastUpdated) DESC NULLS LAST) AS recency
    FROM source."Encounter"
),

survivors AS (SELECT * FROM source.survivors),

final AS (
    SELECT
        encounters.id AS stay_id,
        coalesce(survivors.survivor, reference_id(encounters.subject, 'Patient')) AS patient_id,
        encounters.period_start AS admitted_on,
        encounters.period_end AS discharged_on,
        'Encounter' AS source_table,
        CASE
            WHEN encounters.recency > 1 AND encounters.id IS NOT NULL THEN 'older_version'
            WHEN encounters.status = 'entered-in-error' THEN 'entered_in_error'
            WHEN encounters.status IN ('planned', 'cancelled') THEN encounters.status
            WHEN NOT coalesce(is_inpatient(encounters.class), FALSE) THEN 'not_inpatient'
        END AS left_out
    FROM encounters
    LEFT JOIN survivors ON reference_id(encounters.subject, 'Patient') = survivors.replaced
)

SELECT * FROM final
