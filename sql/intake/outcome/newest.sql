-- The newest rows of the whole feed, dated up to its end: a mistyped year must not hide that nothing comes any more.
-- What the audit holds for not existing (recorded later, taken back, replaced) does not show that rows still come.
-- Grain: one row. A draw is a result of ALT or AST; days are null where there is none.
WITH
results_gone AS (SELECT row_number FROM outcome.lab_results WHERE disposition IN ('retracted', 'superseded')),

exposures_gone AS (SELECT row_number FROM outcome.drug_exposures WHERE disposition IN ('retracted', 'superseded')),

enzymes AS (SELECT analyte FROM reference.analytes WHERE concept IN ('alt', 'ast')),

results AS (
    SELECT lab_results.collected_at, enzymes.analyte IS NOT NULL AS is_draw
    FROM resolved.lab_results
    ANTI JOIN results_gone USING (row_number)
    LEFT JOIN enzymes ON lab_results.analyte = enzymes.analyte
    WHERE lab_results.collected_at <= getvariable('feed_end')
),

newest_results AS (
    SELECT max(collected_at) AS newest_result, max(collected_at) FILTER (WHERE is_draw) AS newest_draw FROM results
),

newest_exposures AS (
    SELECT max(start_date) AS newest_exposure
    FROM resolved.drug_exposures
    ANTI JOIN exposures_gone USING (row_number)
    WHERE start_date <= getvariable('feed_end')
),

final AS (SELECT * FROM newest_results CROSS JOIN newest_exposures)

SELECT * FROM final
