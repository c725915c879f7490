-- Readers that several mappings share, beside those of sql/macros.sql.

-- How often a day a dose is taken, as a dosage text says; NULL where it does not say. Only the first match counts, the
-- rarer ways first: "every other day" holds "day" too.
CREATE MACRO times_a_day_in(text) AS CASE
    WHEN regexp_matches(lower(text), '\b(every other day|every (2|second|two) days?|every 48 hours|(on )?alternat(e|ing) days?|qod|q\.o\.d|eod|q2d|q48h|q 48 h)\b')
        THEN 0.5
    WHEN regexp_matches(lower(text), '\b(once (a|per) week|(once )?weekly|every week|qwk|q1w|every (7|seven) days)\b') THEN 1 / 7.0
    WHEN regexp_matches(lower(text), '\b((four|4) times (a|per)? ?(day|daily)|qid|q\.i\.d|every 6 hours|q6h|q 6 h)\b') THEN 4.0
    WHEN regexp_matches(lower(text), '\b((three|3) times (a|per)? ?(day|daily)|tid|t\.i\.d|tds|every 8 hours|q8h|q 8 h)\b') THEN 3.0
    WHEN regexp_matches(lower(text), '\b((two|2) times (a|per)? ?(day|daily)|twice|bid|b\.i\.d|bd|every 12 hours|q12h|q 12 h)\b') THEN 2.0
    WHEN regexp_matches(lower(text), '\b(daily|once (a|per) day|every day|each day|qd|q\.d|od|q24h|q 24 h|every 24 hours|nightly|at bedtime|every (morning|evening|night)|qam|qpm|qhs)\b')
        THEN 1.0
END;

-- The milligrams of one dose that a text states alone ("50 mg"), NULL where it states none, several, or a ratio.
CREATE MACRO mg_in(text) AS CASE
    WHEN len(regexp_extract_all(lower(text), '\d+(\.\d+)?\s*(mg|milligrams?)\b')) = 1
        AND NOT regexp_matches(lower(text), 'mg\s*/')
        THEN try_cast(regexp_extract(lower(text), '(\d+(\.\d+)?)\s*(mg|milligrams?)\b', 1) AS DOUBLE)
END;

-- The frequency of the contract: QOD where a dosage is every other day, else the text as it is.
CREATE MACRO frequency_in(text) AS CASE WHEN times_a_day_in(text) = 0.5 THEN 'QOD' ELSE as_text(text) END;

-- A quotient of positive numbers, NULL where either is none: a supply of 0 days or of 0 tablets says nothing.
CREATE MACRO positive_ratio(numerator, denominator) AS CASE
    WHEN numerator > 0 AND denominator > 0 THEN numerator / denominator
END;
