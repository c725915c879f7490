-- The site's upper limits in canonical units; null where analyte or unit is unknown. Grain: analyte, sex, period.
WITH
site_limits AS (SELECT * FROM reference.site_limits),

analytes AS (SELECT * FROM reference.analytes),

units AS (SELECT quantity, unit_key(coalesce(unit, '')) AS key, multiply, divide FROM reference.units),

final AS (
    SELECT
        site_limits.analyte AS concept,
        site_limits.sex,
        site_limits.first AS valid_from,
        site_limits.last AS valid_to,
        site_limits.value * units.multiply / units.divide AS uln
    FROM site_limits
    LEFT JOIN analytes ON site_limits.analyte = analytes.concept
    LEFT JOIN units
        ON analytes.quantity = units.quantity AND unit_key(coalesce(site_limits.unit, analytes.unit)) = units.key
)

SELECT * FROM final
