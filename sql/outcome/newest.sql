-- The newest rows of the whole feed, dated up to its end: a mistyped year must not hide that nothing comes any more.
-- Grain: one row. A draw is a result of ALT or AST; days are null where there is none.
WITH
enzymes AS (
    SELECT DISTINCT vocabulary, code FROM resolved.codes WHERE table_name = 'lab_results' AND concept IN ('alt', 'ast')
),

results AS (
    SELECT as_day(lab_results.collected_at) AS day, enzymes.code IS NOT NULL AS is_draw
    FROM received.lab_results
    LEFT JOIN enzymes ON lab_results.vocabulary = enzymes.vocabulary AND lab_results.code = enzymes.code
),

newest_results AS (
    SELECT max(day) AS newest_result, max(day) FILTER (WHERE is_draw) AS newest_draw
    FROM results
    WHERE day <= getvariable('feed_end')
),

exposures AS (SELECT as_day(start_date) AS day FROM received.drug_exposures),

newest_exposures AS (SELECT max(day) AS newest_exposure FROM exposures WHERE day <= getvariable('feed_end')),

final AS (SELECT * FROM newest_results CROSS JOIN newest_exposures)

SELECT * FROM final
