-- The codes and units that results carry, with their rows: what a result means is asked once a kind. Grain: vocabulary, code,
-- unit, as received. later_count: rows that were recorded after the as-of date.
WITH
lab_results AS (SELECT vocabulary, code, unit, as_day(recorded_at) AS recorded_on FROM received.lab_results),

final AS (
    SELECT
        vocabulary,
        code,
        unit,
        count(*) AS row_count,
        count(*) FILTER (WHERE recorded_on > getvariable('as_of')) AS later_count
    FROM lab_results
    GROUP BY ALL
)

SELECT * FROM final
