-- The units that a printed upper limit gives away. Grain: a lab concept and a range of limits.
WITH
inferred_units AS (SELECT * FROM reference.inferred_units),

analytes AS (SELECT * FROM reference.analytes),

units AS (SELECT * FROM reference.units),

final AS (
    SELECT inferred_units.*, units.multiply, units.divide
    FROM inferred_units
    INNER JOIN analytes USING (concept)
    INNER JOIN units ON analytes.quantity = units.quantity AND inferred_units.unit = units.unit
)

SELECT * FROM final
