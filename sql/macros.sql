-- Readers of received values. A reader gives NULL where a value is absent or cannot be read; is_given tells the two
-- apart. The type of the received column picks the reader: text as a CSV brings it, or a type of a Parquet file.

-- Blanks of every kind, and signs that nobody sees: tabs, line ends, no-break and narrow spaces, byte order marks.
CREATE MACRO blanks() AS
    e' \t\r\n\f' || chr(11) || chr(133) || chr(160) || chr(5760)
    || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) || chr(8197) || chr(8198) || chr(8199) || chr(8200)
    || chr(8201) || chr(8202) || chr(8203) || chr(8204) || chr(8205) || chr(8232) || chr(8233) || chr(8239) || chr(8287)
    || chr(8288) || chr(12288) || chr(65279);

-- The comparisons spare the trimming of values that need none, which is nearly all: what begins with a blank sorts before
-- '!', what ends with one is LIKE it, and a blank beyond ASCII makes the bytes more than the letters.
CREATE MACRO as_text(x VARCHAR) AS CASE
    WHEN x < '!' OR x LIKE '% ' OR x LIKE e'%\t' OR x LIKE e'%\r' OR x LIKE e'%\n' OR strlen(x) <> length(x)
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

CREATE MACRO is_iso(x VARCHAR) AS regexp_full_match(
    x, '\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.]\d+)?)?( ?(Z|UTC|[+-]\d{2}(:?\d{2})?))?)?'
);

-- The local calendar date: of text the day as written, whatever its offset; of an instant the day at the site.
CREATE MACRO as_day
(x VARCHAR) AS CASE WHEN is_iso(as_text(x)) THEN try_cast(substr(as_text(x), 1, 10) AS DATE) END,
(x DATE) AS finite(x),
(x TIMESTAMP) AS CAST(finite(x) AS DATE),
(x TIMESTAMPTZ) AS CAST(timezone(getvariable('time_zone'), finite(x)) AS DATE);

-- The instant, to order versions by; a time without an offset is local time at the site.
CREATE MACRO as_instant
(x VARCHAR) AS CASE
    WHEN NOT is_iso(as_text(x)) THEN NULL
    WHEN regexp_matches(as_text(x), ':.*(Z|UTC|[+-]\d{2}(:?\d{2})?)$') THEN try_cast(as_text(x) AS TIMESTAMPTZ)
    ELSE timezone(getvariable('time_zone'), try_cast(as_text(x) AS TIMESTAMP))
END,
(x DATE) AS timezone(getvariable('time_zone'), CAST(x AS TIMESTAMP)),
(x TIMESTAMP) AS timezone(getvariable('time_zone'), x),
(x TIMESTAMPTZ) AS x;

CREATE MACRO as_number
(x VARCHAR) AS CASE
    WHEN regexp_full_match(as_text(x), '[+-]?(\d+[.]?\d*|[.]\d+)([eE][+-]?\d+)?')
        THEN finite(try_cast(as_text(x) AS DOUBLE))
END,
(x DOUBLE) AS finite(x);

-- A CSV may carry the comparator inside the value: "<5".
CREATE MACRO comparator_in
(x VARCHAR) AS nullif(regexp_extract(as_text(x), '^(<=|>=|<|>)'), ''),
(x DOUBLE) AS CAST(NULL AS VARCHAR);

CREATE MACRO number_in
(x VARCHAR) AS as_number(regexp_replace(as_text(x), '^(<=|>=|<|>)', '')),
(x DOUBLE) AS as_number(x);

-- An id that is a whole number by its source's own rules: 17 and 17.0 are one id, as a spreadsheet or a float writes it.
CREATE MACRO as_whole(x VARCHAR) AS CASE
    WHEN contains(x, '.') THEN regexp_replace(as_text(x), '^([+-]?\d+)[.]0*$', '\1') ELSE as_text(x)
END;

-- Hospitals write ICD codes with and without the dot, in either case; a drug's name is compared without case and
-- with single blanks.
CREATE MACRO code_key(vocabulary, code) AS CASE
    WHEN starts_with(vocabulary, 'ICD-') THEN upper(replace(code, '.', ''))
    WHEN vocabulary = 'name' THEN lower(regexp_replace(code, '\s+', ' ', 'g'))
    ELSE code
END;

-- The words of a drug's name: runs of letters, numbers with their decimals, percent signs (also the wide ones), without
-- case and accents. What else there is only parts words; "50mg" is two of them. A percent sign marks what is put on
-- the skin or into the eye, so it is a word and never lost.
CREATE MACRO name_words(x) AS regexp_extract_all(
    translate(lower(strip_accents(x)), chr(181) || chr(956) || '％﹪', 'uu%%'), '\d+(?:[.,]\d+)*|\pL+|%'
);

-- Units are compared without spaces and without case, the micro sign (U+00B5) and the Greek mu (U+03BC) being u.
-- "MU" keeps its case: as mega-units it is no milli-unit, and as all-capitals nobody can tell.
CREATE MACRO unit_key(unit) AS CASE
    WHEN starts_with(unit, 'MU') THEN unit
    ELSE lower(replace(translate(unit, chr(181) || chr(956), 'uu'), ' ', ''))
END;

CREATE MACRO frequency_key(frequency) AS regexp_replace(lower(frequency), '[^a-z0-9]', '', 'g');
