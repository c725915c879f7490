-- The dosage texts of the CDM. Grain: a row of drug_exposure with a sig.
SELECT sig AS text FROM source.drug_exposure WHERE as_text(sig) IS NOT NULL
