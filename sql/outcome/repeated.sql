-- The rows of {table} whose id comes more than once. Grain: a received row.
WITH
identified AS (
    SELECT row_number, {id} AS source_id, is_recorded_at_unreadable FROM resolved.{table} WHERE {id} IS NOT NULL
),

-- Hashes find the few ids that come more than once in a tenth of the memory that the ids would take.
repeated_hashes AS (SELECT hash(source_id) AS id_hash FROM identified GROUP BY id_hash HAVING count(*) > 1),

final AS (
    SELECT * FROM identified SEMI JOIN repeated_hashes ON hash(identified.source_id) = repeated_hashes.id_hash
)

SELECT * FROM final
