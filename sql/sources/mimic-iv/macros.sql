-- What the mappings of MIMIC-IV share.

-- A text of the published tables: ___ stands where the de-identification took everything out.
CREATE MACRO said(x) AS nullif(as_text(x), '___');

-- Whether a comment says that there is no result.
CREATE MACRO says_no_result(x) AS coalesce(regexp_matches(lower(x), getvariable('no_result_pattern')), FALSE);

-- A result beyond the measuring range, where the text begins with it as a sentence of its own: "<5.", ">182*.",
-- "LESS THAN 20.", "<0.01.  CTROPNT > 0.10 NG/ML SUGGESTS ACUTE MI.". A number anywhere else is no result.
CREATE MACRO beyond_range(x) AS CASE
    WHEN regexp_matches(x, '^\s*([<>]|(?i:less|greater) )') AND NOT says_no_result(x)
        THEN regexp_extract(
            upper(as_text(x)),
            '^(<=?|>=?|LESS THAN OR EQUAL TO|GREATER THAN OR EQUAL TO|LESS THAN|GREATER THAN)'
            || '\s*(\d{1,3}(?:,\d{3})+(?:[.]\d+)?|\d+(?:[.]\d+)?|[.]\d+)\s*[*]?\s*(?:[.](?:\s|$)|$)',
            ['comparator', 'number']
        )
END;

CREATE MACRO comparator_of(words) AS CASE words
    WHEN 'LESS THAN' THEN '<'
    WHEN 'LESS THAN OR EQUAL TO' THEN '<='
    WHEN 'GREATER THAN' THEN '>'
    WHEN 'GREATER THAN OR EQUAL TO' THEN '>='
    ELSE nullif(words, '')
END;

-- The time of the day as text, NULL where only the day is given.
CREATE MACRO time_of
(x VARCHAR) AS nullif(substr(as_text(x), 12), ''),
(x DATE) AS CAST(NULL AS VARCHAR),
(x TIMESTAMP) AS CAST(CAST(x AS TIME) AS VARCHAR),
(x TIMESTAMPTZ) AS CAST(CAST(timezone(getvariable('time_zone'), x) AS TIME) AS VARCHAR);

-- Whether a time is the first instant of its day, before which nothing of that day can have been given.
CREATE MACRO is_midnight(time) AS coalesce(regexp_full_match(time, '00:00(:00([.]0+)?)?'), FALSE);

-- An order for a single dose; it stands for up to a day, but the dose is given when it starts.
CREATE MACRO is_once(frequency) AS coalesce(
    regexp_full_match(upper(frequency), '(NOW )?(ONCE|1X|X1|STAT)(:STAT)?'), FALSE
);

-- Milligrams of one dose; NULL for a range (1-2) and for a unit that is no mass.
CREATE MACRO dose_mg(dose, unit) AS
    as_number(CASE WHEN regexp_full_match(dose, '\d{1,3}(,\d{3})+') THEN replace(dose, ',', '') ELSE dose END)
    * CASE lower(as_text(unit)) WHEN 'mg' THEN 1 WHEN 'g' THEN 1000 WHEN 'gm' THEN 1000 WHEN 'mcg' THEN 0.001 END;

-- The hospital stays. Grain: an admission; should one come twice, the longer.
CREATE MACRO hospital_stays() AS TABLE (
    SELECT
        as_text(hadm_id) AS hadm_id,
        min(as_text(subject_id)) AS subject_id,
        min(as_day(admittime)) AS admitted_on,
        max(as_day(dischtime)) AS discharged_on
    FROM source.admissions
    WHERE as_text(hadm_id) IS NOT NULL
    GROUP BY as_text(hadm_id)
);
