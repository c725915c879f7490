-- Readers that several mappings share, beside those of sql/macros.sql.

-- A typed column as text, beside text from elsewhere; an instant as local time at the site.
CREATE MACRO local_text
(x VARCHAR) AS x,
(x DOUBLE) AS CAST(x AS VARCHAR),
(x DATE) AS CAST(x AS VARCHAR),
(x TIMESTAMP) AS CAST(x AS VARCHAR),
(x TIMESTAMPTZ) AS CAST(timezone(getvariable('time_zone'), x) AS VARCHAR);

-- A number written with a decimal comma, with a point instead. One that holds a point may part its thousands by it, and
-- must not pass as a thousandth: it is made unreadable, and says why. A typed number is no text.
CREATE MACRO with_decimal
(x VARCHAR, decimal) AS CASE WHEN contains(x, '.') THEN x || ' (a point where commas are decimal)' ELSE replace(x, decimal, '.') END,
(x DOUBLE, decimal) AS x;

-- The ways of taking a dose that a dosage text names, each as times a day: "twice daily" is one way, not two.
CREATE MACRO ways_in(text) AS [
    CASE
        WHEN regexp_matches(way, 'other|alternat|second|two days|2 days|2d|48|qod|q\.o\.d|eod') THEN 0.5
        WHEN regexp_matches(way, 'week|wk|q1w|7 days|seven') THEN 1 / 7.0
        WHEN regexp_matches(way, '^(four|4)|qid|q\.i\.d|6') THEN 4.0
        WHEN regexp_matches(way, '^(three|3)|ti?ds?$|t\.i\.d|8') THEN 3.0
        WHEN regexp_matches(way, '^(two|2)|twice|bi?d$|b\.i\.d|12') THEN 2.0
        ELSE 1.0
    END FOR way IN regexp_extract_all(
        lower(text),
        '\b(every other day|every (?:2|second|two) days?|every 48 hours|alternat(?:e|ing) days?|qod|q\.o\.d|eod|q2d|q ?48 ?h'
        || '|once (?:a|per) week|(?:once )?weekly|every week|qwk|q1w|every (?:7|seven) days'
        || '|(?:four|4|three|3|two|2) times (?:a |per )?(?:day|daily)|twice (?:a |per )?(?:day|daily)|twice'
        || '|qid|q\.i\.d|every 6 hours|q ?6 ?h|tid|t\.i\.d|tds|every 8 hours|q ?8 ?h|bid|b\.i\.d|bd|every 12 hours|q ?12 ?h'
        || '|(?:once )?daily|once (?:a|per) day|every day|each day|qd|q\.d|od|q ?24 ?h|every 24 hours)\b'
    )
];

-- Whether a text says more of the days than a way of taking does: some days of the week, some weeks, all but some, or none
-- (held, stopped). What is taken on a day is then not known.
CREATE MACRO is_not_each_day(text) AS
    regexp_matches(
        lower(text),
        '\b((mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tues?|weds?|thu(r|rs)?|fri|sat|sun|mwf|m ?[-/,] ?w ?[-/,] ?f|m ?[-–] ?f'
        || '|week ?-?days?|week ?-?ends?|working days?)\b'
    )
    OR regexp_matches(
        lower(text),
        '(times?|\bdays?|\d ?d|\d ?x|\bx|×|twice|thrice|doses?)\s*((a|an|per|each|every|in|of|out|the|this|one|1)\b\s*|/\s*)*(week|wk)'
        || '|\b[1-6] ?/ ?7\b|\bdays?( out)? (of|in) (the |every |each )?(7|seven)\b|\bout of\b'
        || '|\b(alternat\w*|other|second|2nd|third|3rd|odd|even) (weeks?|wks?|months?|dates)\b|\b(weeks?|wks?|days?) (on|off)\b'
    )
    OR regexp_matches(
        lower(text),
        '\b(except\w*|exclud\w*|skip\w*|omit\w*|other than|apart from|but not|not on|hold|holds|holding|held|on hold|withh[eo]ld\w*'
        || '|stop|stops|stopped|stopping|discontinu\w*|d/c|dc|ceas\w*|suspend\w*|paus\w*|interrupt\w*|cancel\w*'
        || '|not tak\w*|not to take|no longer|do not|don.?t)\b'
    );

-- Times a day, NULL where a text names no way of taking, several, or one that is not counted by the day.
CREATE MACRO times_a_day_in(text) AS CASE
    WHEN is_not_each_day(text) THEN NULL
    WHEN regexp_matches(lower(text), '\b(every (other|\d+|two|three|four|six) (weeks?|months?)|monthly|every (3|4|5|6|three|four|five|six) days|as needed|if needed|prn|p\.r\.n)\b')
        THEN NULL
    WHEN len(list_distinct(ways_in(text))) = 1 THEN ways_in(text)[1]
    WHEN len(ways_in(text)) = 0
        AND len(regexp_extract_all(lower(text), '\b(bedtime|nightly|morning|evening|night|noon|qam|qpm|qhs)\b')) = 1
        THEN 1.0
END;

-- The milligrams of one dose that a text states ("50 mg"), NULL where it states none, several, a range, a ratio or a
-- number of tablets other than one: what the patient takes then is more than one reading.
CREATE MACRO mg_in(text) AS CASE
    WHEN len(regexp_extract_all(lower(text), '\d+(\.\d+)?\s*(mg|milligrams?)\b')) <> 1 THEN NULL
    WHEN regexp_matches(lower(text), '(mg|milligrams?)\s*/|([-–,x×*]|\bto|\bor)\s*\d+(\.\d+)?\s*mg|\d\.\d{3}\s*mg') THEN NULL
    WHEN regexp_matches(lower(text), '\b(half|halves|1/2|[02-9]|\d{2,}|\d*\.\d+|two|three|four|five|six)\s+(a\s+)?((of\s+)?\d+(\.\d+)?\s*mg\s+)?(tab|cap|pill)')
        THEN NULL
    -- A number after the word tablet ("50 mg tablet: 2 daily") is a number of tablets, but for a time, a span or a box.
    WHEN regexp_matches(
        regexp_replace(
            lower(text),
            '\b\d+ times|\b(two|three|four) times|\bevery \d+|\bq ?\d+ ?[hd]?|\b(for|x) \d+ (day|week|month)s?|\bbox of \d+', '', 'g'
        ),
        '(mg|milligrams?)\b.*\b(tab|cap|pill).*(\b([02-9]|\d{2,}|\d*[.,]\d+|half|halves|1/2|two|three|four|five|six)\b|\b[x×] ?[02-9])'
    )
        THEN NULL
    ELSE try_cast(regexp_extract(lower(text), '(\d+(\.\d+)?)\s*(mg|milligrams?)\b', 1) AS DOUBLE)
END;

-- The frequency of the contract: QOD where a dosage is every other day, else the text as it is.
CREATE MACRO frequency_in(text) AS CASE WHEN times_a_day_in(text) = 0.5 THEN 'QOD' ELSE as_text(text) END;

-- A quotient of positive numbers, NULL where either is none: a supply of 0 days or of 0 tablets says nothing.
CREATE MACRO positive_ratio(numerator, denominator) AS CASE
    WHEN numerator > 0 AND denominator > 0 THEN numerator / denominator
END;

-- Repeats that an order allows, 0 where none are told or more than a year of weekly packs: 99 stands for "without limit".
CREATE MACRO plausible_refills(n) AS CASE WHEN n BETWEEN 1 AND 52 THEN CAST(floor(n) AS INTEGER) ELSE 0 END;

-- The kinds of record of a drug, the better first.
CREATE MACRO kind_of(word) AS CASE word
    WHEN 'order' THEN 1 WHEN 'dispensing' THEN 2 WHEN 'administration' THEN 3 WHEN 'reported' THEN 4
END;

-- One drug as ordered, dispensed, administered and reported is taken once: the doses must not add up. A record that
-- begins within the days of one of a better kind of the same person and drug is seen there. So is one that a better one
-- begins within, where it is reported, runs on without an end (last_day 9999-12-31), or is an order in a site that
-- believes another kind first: it would cover every break between the better ones.
-- What is itself seen elsewhere, or is not usable, covers nothing; a record of no kind covers and is covered by nothing.
-- records: person_id, concept, kind, record_type, first_day, last_day, is_usable. Grain: its rows that are seen, each
-- with seen_as, the record_type of the best kind that it is seen in.
CREATE MACRO seen_elsewhere(records) AS TABLE
WITH
placed AS (
    SELECT
        *,
        record_type IN ('order', 'MedicationRequest', 'reported') OR kind = 4 OR last_day = DATE '9999-12-31' AS is_wide
    FROM query_table(records)
    WHERE kind IS NOT NULL AND person_id IS NOT NULL AND concept IS NOT NULL AND first_day IS NOT NULL
),

by_first AS (
    SELECT
        *,
        kind > 1 AND coalesce(
            max(last_day) FILTER (WHERE kind = 1 AND is_usable) OVER so_far >= first_day
            OR is_wide AND min(first_day) FILTER (WHERE kind = 1 AND is_usable) OVER from_here <= last_day,
            FALSE
        ) AS in_first
    FROM placed
    WINDOW
        so_far AS (PARTITION BY person_id, concept ORDER BY first_day),
        from_here AS (
            PARTITION BY person_id, concept ORDER BY first_day RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        )
),

by_second AS (
    SELECT
        *,
        kind > 2 AND coalesce(
            max(last_day) FILTER (WHERE kind = 2 AND is_usable AND NOT in_first) OVER so_far >= first_day
            OR is_wide AND min(first_day) FILTER (WHERE kind = 2 AND is_usable AND NOT in_first) OVER from_here <= last_day,
            FALSE
        ) AS in_second
    FROM by_first
    WINDOW
        so_far AS (PARTITION BY person_id, concept ORDER BY first_day),
        from_here AS (
            PARTITION BY person_id, concept ORDER BY first_day RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        )
),

by_third AS (
    SELECT
        *,
        kind > 3 AND coalesce(
            max(last_day) FILTER (WHERE kind = 3 AND is_usable AND NOT in_first AND NOT in_second) OVER so_far >= first_day
            OR is_wide
            AND min(first_day) FILTER (WHERE kind = 3 AND is_usable AND NOT in_first AND NOT in_second) OVER from_here
            <= last_day,
            FALSE
        ) AS in_third
    FROM by_second
    WINDOW
        so_far AS (PARTITION BY person_id, concept ORDER BY first_day),
        from_here AS (
            PARTITION BY person_id, concept ORDER BY first_day RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        )
),

types AS (SELECT kind, min(record_type) AS seen_as FROM placed GROUP BY kind)

SELECT by_third.* EXCLUDE (is_wide, in_first, in_second, in_third), types.seen_as
FROM by_third
LEFT JOIN types ON types.kind = CASE WHEN in_first THEN 1 WHEN in_second THEN 2 ELSE 3 END
WHERE in_first OR in_second OR in_third;
