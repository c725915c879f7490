-- The newest rows of the whole feed, dated up to its end: a mistyped year must not hide that nothing comes any more.
-- What the audit holds for not existing (recorded later, taken back, replaced) does not show that rows still come.
-- Grain: one row. A draw is a result of ALT or AST; days are null where there is none.
WITH
enzymes AS (
    SELECT DISTINCT vocabulary, code FROM resolved.codes WHERE table_name = 'lab_results' AND concept IN ('alt', 'ast')
),

results_gone AS (SELECT row_number FROM outcome.lab_results WHERE disposition IN ('retracted', 'superseded')),

exposures_gone AS (SELECT row_number FROM outcome.drug_exposures WHERE disposition IN ('retracted', 'superseded')),

results AS (
    SELECT
        as_day(lab_results.collected_at) AS day,
        as_day(lab_results.recorded_at) AS recorded_on,
        enzymes.code IS NOT NULL AS is_draw
    FROM received.lab_results
    LEFT JOIN enzymes ON lab_results.vocabulary = enzymes.vocabulary AND lab_results.code = enzymes.code
    ANTI JOIN results_gone ON lab_results.row_number = results_gone.row_number
),

newest_results AS (
    SELECT max(day) AS newest_result, max(day) FILTER (WHERE is_draw) AS newest_draw
    FROM results
    WHERE day <= getvariable('feed_end') AND (recorded_on IS NULL OR recorded_on <= getvariable('as_of'))
),

exposures AS (
    SELECT as_day(drug_exposures.start_date) AS day, as_day(drug_exposures.recorded_at) AS recorded_on
    FROM received.drug_exposures
    ANTI JOIN exposures_gone ON drug_exposures.row_number = exposures_gone.row_number
),

newest_exposures AS (
    SELECT max(day) AS newest_exposure
    FROM exposures
    WHERE day <= getvariable('feed_end') AND (recorded_on IS NULL OR recorded_on <= getvariable('as_of'))
),

final AS (SELECT * FROM newest_results CROSS JOIN newest_exposures)

SELECT * FROM final
