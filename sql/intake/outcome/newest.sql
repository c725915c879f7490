-- The newest rows of the whole feed, dated up to its end: a mistyped year must not hide that nothing comes any more.
-- Grain: one row. A draw is a result of ALT or AST; days are null where there is none.
WITH
enzymes AS (
    SELECT DISTINCT vocabulary, code FROM resolved.codes WHERE table_name = 'lab_results' AND concept IN ('alt', 'ast')
),

results AS (
    SELECT lab_results.collected_at AS day, enzymes.code IS NOT NULL AS is_draw
    FROM extract.lab_results
    LEFT JOIN enzymes ON lab_results.vocabulary = enzymes.vocabulary AND lab_results.code = enzymes.code
    WHERE lab_results.collected_at <= getvariable('feed_end')
),

newest_results AS (SELECT max(day) AS newest_result, max(day) FILTER (WHERE is_draw) AS newest_draw FROM results),

newest_exposures AS (
    SELECT max(start_date) AS newest_exposure FROM extract.drug_exposures WHERE start_date <= getvariable('feed_end')
),

final AS (SELECT * FROM newest_results CROSS JOIN newest_exposures)

SELECT * FROM final
