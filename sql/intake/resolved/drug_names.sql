-- What the text of a drug's name looks like, and whether it is that. Grain: key (the text), concept.
-- The rule (docs/drug-names.md): a listed name of the concept stands in the text as whole words, and every other word
-- either belongs to a listed name of that concept, or says nothing about which drug it is: strength, systemic form,
-- salt (reference.name_words). words_left are the words that stood in the way; null where there is none.
-- A text that two concepts could claim is neither.
WITH
drug_texts AS (SELECT * FROM resolved.drug_texts),

listed_names AS (SELECT * FROM resolved.listed_names),

name_words AS (SELECT * FROM reference.name_words),

own_words AS (SELECT DISTINCT concept, unnest(words) AS word FROM listed_names),

texts AS (SELECT key, name_words(key) AS words FROM drug_texts),

words AS (SELECT key, unnest(words) AS word, generate_subscripts(words, 1) AS position FROM texts),

-- The first word of a name finds the few texts in which it is worth looking for the whole.
standing AS (
    SELECT DISTINCT texts.key, listed_names.concept
    FROM words
    INNER JOIN listed_names ON words.word = listed_names.words[1]
    INNER JOIN texts ON words.key = texts.key
    WHERE
        contains(
            ' ' || array_to_string(texts.words, ' ') || ' ', ' ' || array_to_string(listed_names.words, ' ') || ' '
        )
),

kinds AS (
    SELECT
        words.*,
        CASE WHEN regexp_matches(words.word, '^\d') THEN 'number' ELSE coalesce(name_words.kind, 'other') END AS kind
    FROM words
    SEMI JOIN standing ON words.key = standing.key
    LEFT JOIN name_words ON words.word = name_words.word
),

-- What a number counts stands behind it, past other numbers: "25 to 50 mg", "2 x 50 mg".
counting AS (
    SELECT
        *,
        lead(CASE WHEN kind NOT IN ('number', 'link') THEN kind END IGNORE NULLS)
            OVER (PARTITION BY key ORDER BY position) AS counted
    FROM kinds
),

-- A bare number stays: nobody can tell "hydrocortisone 1" the tablet from the cream.
said AS (
    SELECT *, kind = 'other' OR (kind = 'number' AND coalesce(counted, 'other') NOT IN ('unit', 'piece')) AS is_telling
    FROM counting
),

left_over AS (
    SELECT
        standing.key,
        standing.concept,
        string_agg(said.word, ' ' ORDER BY said.position)
            FILTER (WHERE said.is_telling AND own_words.word IS NULL) AS words_left
    FROM standing
    INNER JOIN said ON standing.key = said.key
    LEFT JOIN own_words ON standing.concept = own_words.concept AND said.word = own_words.word
    GROUP BY ALL
),

final AS (
    SELECT
        *,
        words_left IS NULL AND count(*) FILTER (WHERE words_left IS NULL) OVER (PARTITION BY key) = 1 AS is_match
    FROM left_over
)

SELECT * FROM final
