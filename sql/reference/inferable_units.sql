-- The units that a printed upper limit gives away. Grain: a lab concept and a range of limits.
WITH
inferred_units AS (SELECT * FROM reference.inferred_units),

analytes AS (SELECT * FROM reference.analytes),

final AS (
    SELECT inferred_units.*, unnest(unit_factors(analytes.quantity, inferred_units.unit))
    FROM inferred_units
    INNER JOIN analytes USING (concept)
)

SELECT * FROM final
