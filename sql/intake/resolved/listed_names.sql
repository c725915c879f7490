-- The names of drugs on the code lists, as words. Grain: concept, words.
WITH
code_keys AS (SELECT * FROM resolved.code_keys WHERE table_name = 'drug_exposures' AND vocabulary = 'name'),

final AS (SELECT DISTINCT concept, name_words(key) AS words FROM code_keys)

SELECT * FROM final
