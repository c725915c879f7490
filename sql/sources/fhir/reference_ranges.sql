-- The normal limits printed with a result, in the unit of its value. Grain: reference ranges as JSON, unit.
-- A range of another meaning than normal (critical, therapeutic) is none. Where several are left and differ, as by sex or
-- age, nobody here knows which was meant; where the unit is another than the value's, nothing is converted.
WITH
given AS (
    SELECT referenceRange AS given, unit_of(valueQuantity_system, valueQuantity_code, valueQuantity_unit) AS unit
    FROM source."Observation"
    UNION
    SELECT referenceRange, unit_of(valueQuantity_system, valueQuantity_code, valueQuantity_unit)
    FROM source."Observation.component"
),

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
        CASE WHEN is_text THEN low_in(range.text) ELSE try_cast(range.low.value AS DOUBLE) END AS low,
        CASE WHEN is_text THEN high_in(range.text) ELSE try_cast(range.high.value AS DOUBLE) END AS high,
        CASE WHEN is_text THEN range_unit_in(range.text) ELSE unit_of(range.low.system, range.low.code, range.low.unit) END
            AS unit_of_low,
        CASE WHEN is_text THEN range_unit_in(range.text) ELSE unit_of(range.high.system, range.high.code, range.high.unit) END
            AS unit_of_high
    FROM normal
),

units AS (SELECT quantity, unit_key(unit) AS key, multiply / divide AS factor FROM reference.units),

-- Two ways of writing one unit: U/L and IU/L.
same_units AS (
    SELECT DISTINCT one.key AS one_key, other.key AS other_key
    FROM units AS one
    INNER JOIN units AS other ON one.quantity = other.quantity AND one.factor = other.factor
),

in_unit AS (
    SELECT
        limits.given,
        limits.unit,
        CASE
            WHEN limits.unit IS NULL OR limits.unit_of_low IS NULL OR unit_key(limits.unit) = unit_key(limits.unit_of_low)
                OR of_low.one_key IS NOT NULL
                THEN limits.low
        END AS low,
        CASE
            WHEN limits.unit IS NULL OR limits.unit_of_high IS NULL OR unit_key(limits.unit) = unit_key(limits.unit_of_high)
                OR of_high.one_key IS NOT NULL
                THEN limits.high
        END AS high
    FROM limits
    LEFT JOIN same_units AS of_low
        ON unit_key(limits.unit) = of_low.one_key AND unit_key(limits.unit_of_low) = of_low.other_key
    LEFT JOIN same_units AS of_high
        ON unit_key(limits.unit) = of_high.one_key AND unit_key(limits.unit_of_high) = of_high.other_key
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
