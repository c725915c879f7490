-- The printed upper limits that were replaced because they cannot be one. Grain: concept, laboratory (null where none is
-- named).
WITH
needed_labs AS (SELECT * FROM staging.needed_labs WHERE is_limit_implausible),

analytes AS (SELECT * FROM reference.analytes),

final AS (
    SELECT analytes.concept, needed_labs.laboratory_of_limit AS laboratory_id, count(*) AS "rows"
    FROM needed_labs
    INNER JOIN analytes ON needed_labs.analyte = analytes.analyte
    GROUP BY ALL
)

SELECT * FROM final ORDER BY "rows" DESC, concept, laboratory_id
