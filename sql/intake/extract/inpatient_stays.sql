-- The received columns of inpatient_stays, read. Grain: a received row.
WITH
inpatient_stays AS (SELECT * FROM received.inpatient_stays),

final AS (
    SELECT
        row_number,
        as_text(stay_id) AS stay_id,
        as_text(patient_id) AS patient_id,
        is_given(admitted_on) AS has_admitted_on,
        as_day(admitted_on) AS admitted_on,
        is_given(discharged_on) AS has_discharged_on,
        as_end(discharged_on) AS discharged_on
    FROM inpatient_stays
)

SELECT * FROM final
