-- The dosage texts of MIMIC-IV: how often an order is given. Grain: a row of pharmacy with a frequency.
SELECT frequency AS text FROM source.pharmacy WHERE as_text(frequency) IS NOT NULL
