-- The words in which a text says why a drug was stopped. Grain: kind, pattern (by GLOB, of a text's spoken_reason).
-- kind is a concept that they stand for by themselves, from the code lists, or what they are in a sentence, from
-- reference.stop_words: a test of the liver, raised, a denial, normal, or a limit, beside which normal denies nothing.
WITH
listed AS (
    SELECT concept AS kind, key FROM resolved.code_keys WHERE table_name = 'stop_reasons' AND vocabulary = 'words'
),

known AS (SELECT kind, code_key('words', words) AS key FROM reference.stop_words),

final AS (
    SELECT DISTINCT kind, reason_pattern(key) AS pattern
    FROM (SELECT * FROM listed UNION ALL SELECT * FROM known)
)

SELECT * FROM final
