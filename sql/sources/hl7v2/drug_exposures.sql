-- As in a native extract. Grain: a row of drug_exposures.
SELECT * EXCLUDE (row_number), 'drug_exposures' AS source_table FROM source.drug_exposures
