-- The analytes, each with canonical unit, plausible range and default limit. Grain: a lab concept.
WITH
concepts AS (SELECT * FROM reference.concepts WHERE domain = 'lab'),

plausible AS (SELECT * FROM reference.plausible),

uln AS (SELECT * FROM reference.uln),

final AS (
    SELECT
        concepts.concept,
        CAST(row_number() OVER (ORDER BY concepts.concept) AS UTINYINT) AS analyte,
        NOT list_contains(getvariable('serologies'), concepts.concept) AS needs_value,
        plausible.quantity,
        plausible.unit,
        plausible.low,
        plausible.high,
        plausible.printed_uln_low,
        plausible.printed_uln_high,
        uln.uln AS default_uln
    FROM concepts
    LEFT JOIN plausible USING (concept)
    LEFT JOIN uln USING (concept)
)

SELECT * FROM final
