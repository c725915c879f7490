-- The printed upper limits that were replaced because they cannot be one. Grain: concept, laboratory (null where none is
-- named).
WITH
needed_labs AS (SELECT * FROM staging.needed_labs WHERE is_limit_implausible),

analytes AS (SELECT * FROM reference.analytes),

received AS (SELECT row_number, as_text(laboratory_id) AS laboratory_id FROM received.lab_results),

final AS (
    SELECT analytes.concept, received.laboratory_id, count(*) AS "rows"
    FROM needed_labs
    INNER JOIN analytes ON needed_labs.analyte = analytes.analyte
    INNER JOIN received ON needed_labs.row_number = received.row_number
    GROUP BY ALL
)

SELECT * FROM final ORDER BY "rows" DESC, concept, laboratory_id
