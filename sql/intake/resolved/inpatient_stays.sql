-- inpatient_stays, with what its checks ask. Grain: a received row.
WITH
inpatient_stays AS (SELECT * FROM extract.inpatient_stays),

people AS (SELECT * FROM resolved.people),

final AS (
    SELECT
        inpatient_stays.*,
        people.patient_id IS NOT NULL AS is_known_patient,
        TRUE AS is_listed,
        FALSE AS is_retracted,
        FALSE AS is_recorded_at_unreadable
    FROM inpatient_stays
    LEFT JOIN people ON inpatient_stays.patient_id = people.patient_id
)

SELECT * FROM final
