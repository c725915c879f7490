-- Readers of received values. A reader gives NULL where a value is absent or cannot be read; is_given tells the two
-- apart. The type of the received column picks the reader: text as a CSV brings it, or a type of a Parquet file.

-- Blanks of every kind, and signs that nobody sees: tabs, line ends, no-break and narrow spaces, byte order marks.
-- One literal, in the bytes of UTF-8: a call for each sign would be bound anew wherever a text is read, which took most of
-- a small night.
CREATE MACRO blanks() AS
    e' \t\r\n\f\x0b\xc2\x85\xc2\xa0\xe1\x9a\x80\xe2\x80\x80\xe2\x80\x81\xe2\x80\x82\xe2\x80\x83\xe2\x80\x84\xe2\x80\x85\xe2\x80\x86\xe2\x80\x87\xe2\x80\x88\xe2\x80\x89\xe2\x80\x8a\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaf\xe2\x81\x9f\xe2\x81\xa0\xe3\x80\x80\xef\xbb\xbf';

-- The comparisons spare the trimming of values that need none, which is nearly all: a blank sorts before '!', and
-- one beyond ASCII makes the bytes more than the letters.
CREATE MACRO as_text(x VARCHAR) AS CASE
    WHEN x < '!' OR right(x, 1) < '!' OR strlen(x) <> length(x)
        THEN nullif(trim(x, blanks()), '')
    ELSE x
END;

-- A text as far as a reject shows it, with its length where it is cut.
CREATE MACRO shown(x) AS CASE
    WHEN strlen(x) > 4000 AND length(x) > 4000 THEN left(x, 4000) || '... (' || length(x) || ' characters)' ELSE x
END;

CREATE MACRO finite(x) AS CASE WHEN isfinite(x) THEN x END;

CREATE MACRO is_given
(x VARCHAR) AS as_text(x) IS NOT NULL,
(x DATE) AS x IS NOT NULL,
(x TIMESTAMP) AS x IS NOT NULL,
(x TIMESTAMPTZ) AS x IS NOT NULL,
(x DOUBLE) AS x IS NOT NULL;

-- An ISO date or time, and its day, each the empty text where it is none: asked once, for what a macro is handed is bound
-- anew wherever it names it.
CREATE MACRO iso_in(x) AS regexp_extract(
    x, '^(\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.]\d+)?)?(?: ?(?:Z|UTC|[+-]\d{2}(?::?\d{2})?))?)?)$', 1
);
CREATE MACRO iso_day_in(x) AS regexp_extract(
    x, '^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.]\d+)?)?(?: ?(?:Z|UTC|[+-]\d{2}(?::?\d{2})?))?)?$', 1
);

-- Whether a text may state an offset: a cheap question that spares the days alone.
CREATE MACRO may_state_offset(x) AS len(x) > 10 AND regexp_matches(substr(x, 9), '[ZC+-]\d{0,2}:?\d{0,2}\s*$');

-- The offset that a time states (2024-02-01T23:30:00Z, or HL7's 20240201233000+0100), NULL where it states none.
CREATE MACRO offset_in(x) AS nullif(
    regexp_extract(
        as_text(x),
        '^\d{4}(?:-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.]\d+)?)?|\d{6}(?:\d{2}){0,2}(?:[.]\d+)?) ?(Z|UTC|[+-]\d{2}(?::?\d{2})?)$', 1
    ), ''
);

-- The minutes of a stated offset.
CREATE MACRO minutes_of(stated) AS CASE
    WHEN stated IN ('Z', 'UTC') THEN 0
    ELSE CAST(stated[1] || '1' AS INTEGER)
        * (CAST(stated[2:3] AS INTEGER) * 60 + coalesce(try_cast(right(stated[4:], 2) AS INTEGER), 0))
END;

CREATE MACRO at_midnight(x) AS regexp_matches(as_text(x), '^(\d{4}-\d{2}-\d{2}[T ]00:00(:00([.]0+)?)?|\d{8}(00){1,3}([.]0+)?) ?(Z|UTC|[+-].*)?$');

-- Whether a stated offset is that of a place: Z, UTC and -00:00 say that it is not known.
CREATE MACRO is_place(stated) AS coalesce(stated NOT IN ('Z', 'UTC') AND NOT regexp_matches(stated, '^-00(:?00)?$'), FALSE);

-- Whether a time lies between 06:00 and 18:00, as written.
CREATE MACRO is_by_day(x) AS regexp_extract(as_text(x), '^(?:\d{4}-\d{2}-\d{2}[T ]|\d{8})(\d{2})', 1) BETWEEN '06' AND '17';

-- An instant as text: the time in a zone, or at an offset in minutes, with that offset. Of infinity there is none.
CREATE MACRO written_with(x, minutes) AS
    CAST(timezone('UTC', x) + to_minutes(CAST(minutes AS BIGINT)) AS VARCHAR)
    || CASE WHEN minutes < 0 THEN '-' ELSE '+' END
    || printf('%02d:%02d', abs(CAST(minutes AS INTEGER)) // 60, abs(CAST(minutes AS INTEGER)) % 60);
CREATE MACRO written_in(x, zone) AS
    written_with(x, date_diff('minute', timezone('UTC', x), timezone(zone, x)));

-- The local calendar date at the site (variable time_zone, NULL where none is told): a time that states an offset, and an
-- instant, are turned to its zone; without one the day of a text is the day as written.
CREATE MACRO as_day
(x VARCHAR) AS CASE
    WHEN getvariable('time_zone') IS NOT NULL AND may_state_offset(x)
        THEN CAST(timezone(getvariable('time_zone'), try_cast(iso_in(as_text(x)) AS TIMESTAMPTZ)) AS DATE)
    ELSE try_cast(iso_day_in(as_text(x)) AS DATE)
END,
(x DATE) AS finite(x),
(x TIMESTAMP) AS CAST(finite(x) AS DATE),
(x TIMESTAMPTZ) AS CAST(timezone(getvariable('time_zone'), finite(x)) AS DATE);

-- The day on which something ends. Beyond the calendar (infinity, the year 10000) stands for an end that nobody knows:
-- its last day, which no reader of dates fails at, stands for it.
CREATE MACRO as_end
(x VARCHAR) AS CASE
    WHEN regexp_full_match(lower(as_text(x)), '[+]?infinity|[+]?\d{5,}-\d{2}-\d{2}.*') THEN DATE '9999-12-31'
    ELSE as_day(x)
END,
(x DATE) AS CASE WHEN x > DATE '9999-12-31' THEN DATE '9999-12-31' ELSE x END,
(x TIMESTAMP) AS CASE WHEN x >= TIMESTAMP '9999-12-31' THEN DATE '9999-12-31' ELSE as_day(x) END,
(x TIMESTAMPTZ) AS CASE WHEN x >= TIMESTAMPTZ '9999-12-31 00:00:00+00' THEN DATE '9999-12-31' ELSE as_day(x) END;

-- The instant, to order versions by; a time without an offset is local time at the site, or counts as UTC.
CREATE MACRO as_instant
(x VARCHAR) AS CASE
    WHEN regexp_matches(as_text(x), ':.*(Z|UTC|[+-]\d{2}(:?\d{2})?)$') THEN try_cast(iso_in(as_text(x)) AS TIMESTAMPTZ)
    ELSE timezone(coalesce(getvariable('time_zone'), 'UTC'), try_cast(iso_in(as_text(x)) AS TIMESTAMP))
END,
(x DATE) AS timezone(coalesce(getvariable('time_zone'), 'UTC'), CAST(x AS TIMESTAMP)),
(x TIMESTAMP) AS timezone(coalesce(getvariable('time_zone'), 'UTC'), x),
(x TIMESTAMPTZ) AS x;

-- The number that a text without blanks round it is.
CREATE MACRO plain_number(x) AS finite(
    try_cast(regexp_extract(x, '^([+-]?(?:\d+[.]?\d*|[.]\d+)(?:[eE][+-]?\d+)?)$', 1) AS DOUBLE)
);

CREATE MACRO as_number
(x VARCHAR) AS plain_number(as_text(x)),
(x DOUBLE) AS finite(x);

-- A CSV may carry the comparator inside the value: "<5".
CREATE MACRO comparator_in
(x VARCHAR) AS nullif(replace(replace(regexp_extract(as_text(x), '^(<=|>=|<|>|≤|≥)'), '≤', '<='), '≥', '>='), ''),
(x DOUBLE) AS CAST(NULL AS VARCHAR);

CREATE MACRO number_in
(x VARCHAR) AS plain_number(trim(regexp_replace(as_text(x), '^(<=|>=|<|>|≤|≥)', ''), blanks())),
(x DOUBLE) AS finite(x);

-- Whether two comparators of one value cannot both hold: one is a lower bound, the other an upper one.
CREATE MACRO contradicts(one, other) AS coalesce(
    one IN ('<', '<=', '>', '>=') AND other IN ('<', '<=', '>', '>=') AND one[1] <> other[1], FALSE
);

-- The weaker of two comparators that both hold: "<5" beside <= is <=.
CREATE MACRO weaker_of(one, other) AS CASE WHEN ends_with(other, '=') THEN other ELSE coalesce(one, other) END;

-- The order of several deaths of one person: the latest up to the end of the feed, then those that nobody can know of yet.
CREATE MACRO death_order(day) AS CASE
    WHEN day <= getvariable('feed_end') THEN {'place': 0, 'days': -date_diff('day', DATE '1970-01-01', day)}
    WHEN day IS NOT NULL THEN {'place': 1, 'days': date_diff('day', DATE '1970-01-01', day)}
    ELSE {'place': 2, 'days': 0}
END;

-- Whole days of one supply; longer ones, zero and negative numbers say nothing of how long a record lasts.
CREATE MACRO plausible_supply(days) AS CASE WHEN days BETWEEN 1 AND 400 THEN CAST(floor(days) AS BIGINT) END;

-- An id that is a whole number by its source's own rules: 17 and 17.0 are one id, as a spreadsheet or a float writes it.
CREATE MACRO as_whole(x VARCHAR) AS CASE
    WHEN contains(x, '.') THEN regexp_replace(as_text(x), '^([+-]?\d+)[.]0*$', '\1') ELSE as_text(x)
END;

-- The words of a text that says why something was done: runs of letters, digits and _, without case and accents; the
-- signs that part sentences are words too, blanks and hyphens only part words. In a list * stands for anything.
CREATE MACRO reason_words(x) AS regexp_extract_all(lower(strip_accents(x)), '\*?[\pL\d_]+\*?|[*.,;:!/()]');

-- The words of a text in a row, each with a blank before and behind it, and what a listed row of words is looked for by.
CREATE MACRO spoken_reason(x) AS ' ' || array_to_string(reason_words(translate(x, '*', ' ')), '  ') || ' ';
CREATE MACRO reason_pattern(key) AS '*' || array_to_string(
    list_transform(string_split(key, ' '), lambda x: CASE WHEN x = '*' THEN x ELSE ' ' || x || ' ' END), ''
) || '*';

-- Hospitals write ICD codes with and without the dot, in either case; a drug's name is compared without case and
-- with single blanks; what is listed as words, word by word.
CREATE MACRO code_key(vocabulary, code) AS CASE
    WHEN starts_with(vocabulary, 'ICD-') THEN upper(replace(code, '.', ''))
    WHEN vocabulary = 'name' THEN lower(regexp_replace(code, '\s+', ' ', 'g'))
    WHEN vocabulary = 'words' THEN array_to_string(reason_words(code), ' ')
    ELSE code
END;

-- What the lists say of codes: of the code itself, and of one above it that ends in *. codes: table_name, list (the
-- vocabulary), key (the code by code_key), and whatever else. Grain: its rows that are on a list, each with a concept that
-- it stands for, which may come twice.
CREATE MACRO listed_codes(codes) AS TABLE
SELECT asked.*, code_keys.concept
FROM query_table(codes) AS asked
INNER JOIN resolved.code_keys
    ON asked.table_name = code_keys.table_name AND asked.list = code_keys.vocabulary AND asked.key = code_keys.key
UNION ALL
SELECT asked.*, code_keys.concept
FROM query_table(codes) AS asked
INNER JOIN resolved.code_keys
    ON
        code_keys.is_prefix
        AND asked.table_name = code_keys.table_name
        AND asked.list = code_keys.vocabulary
        AND starts_with(asked.key, code_keys.key)
        AND asked.key <> code_keys.key;

-- What codes stand for: by a code list, else by what the source derives from its own vocabulary, else by the rule for the
-- names of drugs. codes: as for listed_codes; names: key, concept. Grain: table_name, list, key, concept, of those that
-- stand for anything.
CREATE MACRO told_codes(codes, names) AS TABLE
WITH
found AS (
    SELECT table_name, list, key, concept, 'list' AS matched_by, 1 AS rank FROM listed_codes(codes)
    UNION ALL
    SELECT asked.table_name, asked.list, asked.key, derived.concept, derived.matched_by, 2
    FROM query_table(codes) AS asked
    INNER JOIN reference.derived_codes AS derived
        ON
            asked.table_name = derived.table_name
            AND asked.list = derived.vocabulary
            AND asked.key = code_key(derived.vocabulary, derived.code)
    UNION ALL
    SELECT asked.table_name, asked.list, asked.key, names.concept, 'name', 3
    FROM query_table(codes) AS asked
    INNER JOIN query_table(names) AS names
        ON asked.table_name = 'drug_exposures' AND asked.list = 'name' AND asked.key = names.key
),

best AS (SELECT *, rank = min(rank) OVER (PARTITION BY table_name, list, key) AS is_best FROM found)

SELECT table_name, list, key, concept, min(matched_by) AS matched_by
FROM best
WHERE is_best
GROUP BY table_name, list, key, concept;

-- The words of a drug's name: runs of letters, numbers with their decimals, percent signs (also the wide ones), without
-- case and accents. What else there is only parts words; "50mg" is two of them. A percent sign marks what is put on
-- the skin or into the eye, so it is a word and never lost.
CREATE MACRO name_words(x) AS regexp_extract_all(
    translate(lower(strip_accents(x)), chr(181) || chr(956) || '％﹪', 'uu%%'), '\d+(?:[.,]\d+)*|\pL+|%'
);

CREATE MACRO frequency_key(frequency) AS regexp_replace(lower(frequency), '[^a-z0-9]', '', 'g');
