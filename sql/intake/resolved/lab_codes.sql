-- What each received code and unit of a result mean together. Grain: vocabulary, code, unit, as received.
-- multiply and divide lead to the canonical unit; both are null where the unit is none of the analyte's.
WITH
received AS (SELECT vocabulary, code, unit FROM resolved.lab_kinds),

codes AS (SELECT * FROM resolved.codes WHERE table_name = 'lab_results'),

analytes AS (SELECT * FROM reference.analytes),

-- Every distinct unit is read once a quantity, whatever codes come with it.
units AS (
    SELECT quantity, unit, unit_factors(quantity, unit) AS factors
    FROM (SELECT DISTINCT unit FROM received)
    CROSS JOIN (SELECT DISTINCT quantity FROM analytes WHERE quantity IS NOT NULL)
),

final AS (
    SELECT
        received.*,
        is_given(received.vocabulary) AS has_vocabulary,
        is_given(received.code) AS has_code,
        is_given(received.unit) AS has_unit,
        codes.concept,
        coalesce(codes.is_conflicting, FALSE) AS is_concept_conflicting,
        analytes.analyte,
        analytes.needs_value,
        analytes.low,
        analytes.high,
        analytes.printed_uln_low,
        analytes.printed_uln_high,
        analytes.default_uln,
        units.factors.multiply AS multiply,
        units.factors.divide AS divide,
        CASE WHEN as_text(received.unit) IS NULL AND units.factors IS NULL THEN codes.concept END AS concept_to_infer
    FROM received
    LEFT JOIN codes
        ON received.vocabulary = codes.vocabulary AND received.code = codes.code
    LEFT JOIN analytes ON codes.concept = analytes.concept
    LEFT JOIN units
        ON analytes.quantity = units.quantity AND received.unit IS NOT DISTINCT FROM units.unit
)

SELECT * FROM final
