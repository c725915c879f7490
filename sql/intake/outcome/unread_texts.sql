-- The dosage texts of the audited drug that no reading explains and beside which no dose stands, the most frequent first.
-- Grain: a text, without case and with single blanks.
WITH
accepted AS (
    SELECT drug_exposures.* FROM resolved.drug_exposures ANTI JOIN outcome.drug_exposures USING (row_number)
),

final AS (
    SELECT
        lower(regexp_replace(dosage_text, '\s+', ' ', 'g')) AS text,
        count(*) AS "rows",
        count(DISTINCT patient_id) AS patients
    FROM accepted
    WHERE is_listed AND dose_note = 'unread_text' AND dosage_text IS NOT NULL AND start_date <= getvariable('as_of')
    GROUP BY ALL
)

SELECT * FROM final ORDER BY "rows" DESC, text
