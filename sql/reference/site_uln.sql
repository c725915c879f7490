-- The site's upper limits in canonical units; null where analyte or unit is unknown. Grain: analyte, sex, period.
WITH
site_limits AS (SELECT * FROM reference.site_limits),

analytes AS (SELECT * FROM reference.analytes),

read AS (
    SELECT
        site_limits.*, unit_factors(analytes.quantity, coalesce(site_limits.unit, analytes.unit)) AS factors
    FROM site_limits
    LEFT JOIN analytes ON site_limits.analyte = analytes.concept
),

final AS (
    SELECT
        analyte AS concept,
        sex,
        first AS valid_from,
        last AS valid_to,
        value * factors.multiply / factors.divide AS uln
    FROM read
)

SELECT * FROM final
