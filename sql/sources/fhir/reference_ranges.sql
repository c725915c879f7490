-- The normal limits printed with a result, in the unit of its value. Grain: reference ranges as JSON, unit.
-- A range of another meaning than normal (critical, therapeutic) is none. Where several are left and differ, as by sex or
-- age, nobody here knows which was meant; where the unit is another than the value's, nothing is converted.
WITH
observations AS (
    FROM source."Observation"
    UNION ALL BY NAME
    FROM source."contained.Observation"
    UNION ALL BY NAME
    FROM source."Observation.component"
),

given AS (SELECT DISTINCT referenceRange AS given, observed_unit(observations) AS unit FROM observations),

ranges AS (
    SELECT
        *,
        unnest(json_transform(
            given,
            '[{
                "low": {"value": "VARCHAR", "unit": "VARCHAR", "system": "VARCHAR", "code": "VARCHAR"},
                "high": {"value": "VARCHAR", "unit": "VARCHAR", "system": "VARCHAR", "code": "VARCHAR"},
                "type": {"coding": [{"code": "VARCHAR"}], "text": "VARCHAR"},
                "text": "VARCHAR"
            }]'
        )) AS range
    FROM given
    WHERE given IS NOT NULL
),

normal AS (
    SELECT *, range.low.value IS NULL AND range.high.value IS NULL AS is_text
    FROM ranges
    WHERE
        range.type IS NULL
        OR (range.type.coding IS NULL AND range.type.text IS NULL)
        OR list_contains(list_transform(range.type.coding, lambda x: x.code), 'normal')
        OR (range.type.coding IS NULL AND lower(range.type.text) LIKE 'normal%')
),

limits AS (
    SELECT
        given,
        unit,
        NOT is_text
        AND coalesce(low_in(range.text) = try_cast(range.high.value AS DOUBLE) AND high_in(range.text) IS NULL, FALSE)
            AS is_called_lower,
        CASE WHEN is_text THEN low_in(range.text) ELSE try_cast(range.low.value AS DOUBLE) END AS low,
        CASE WHEN is_text THEN high_in(range.text) ELSE try_cast(range.high.value AS DOUBLE) END AS high,
        CASE WHEN is_text THEN range_unit_in(range.text) ELSE unit_of(range.low.system, range.low.code, range.low.unit) END
            AS unit_of_low,
        CASE WHEN is_text THEN range_unit_in(range.text) ELSE unit_of(range.high.system, range.high.code, range.high.unit) END
            AS unit_of_high
    FROM normal
),

in_unit AS (
    SELECT
        given,
        unit,
        range_limit(low, unit, unit_of_low) AS low,
        -- A number that its own text calls a lower limit (">7") is no upper one: the contract sees that one was given.
        CASE WHEN is_called_lower THEN CAST('nan' AS DOUBLE) ELSE range_limit(high, unit, unit_of_high) END AS high
    FROM limits
),

final AS (
    SELECT
        given,
        unit,
        CASE WHEN count(DISTINCT coalesce(low, -1)) = 1 THEN any_value(low) END AS low,
        CASE WHEN count(DISTINCT coalesce(high, -1)) = 1 THEN any_value(high) END AS high
    FROM in_unit
    GROUP BY ALL
)

SELECT * FROM final
