-- The received names of drugs, without case and with single blanks. Grain: key.
WITH
drug_exposures AS (SELECT DISTINCT vocabulary, code FROM received.drug_exposures WHERE as_text(vocabulary) = 'name'),

final AS (SELECT DISTINCT code_key('name', as_text(code)) AS key FROM drug_exposures WHERE is_given(code))

SELECT * FROM final
