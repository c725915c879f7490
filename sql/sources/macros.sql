-- Readers that several mappings share, beside those of sql/macros.sql.

-- The vocabulary of an event's code that is put together of codings which mean different things: it stands for each.
CREATE MACRO several_codings() AS 'several codings';

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

-- The milligrams of a tablet that a drug's name states ("azathioprine 50 MG Oral Tablet"); NULL where it states none or
-- several, a ratio (50 mg/5 ml), a second ingredient, a product of numbers, or a dose rather than a strength.
CREATE MACRO strength_in(name) AS CASE
    WHEN len(regexp_extract_all(lower(name), '\d+(?:[.,]\d+)?\s*(?:mgs?|milligrams?|milligrammes?|g|grams?|mcg|ug|µg|μg|micrograms?)\b')) <> 1
        THEN NULL
    WHEN regexp_matches(lower(name), '/|\+|([-–—x×*&]\s*|[,.]\s+)\d+(?:[.,]\d+)?\s*(mg|milligr)|\b(to|or|and|x)\s+\d+(?:[.,]\d+)?\s*(mg|milligr)|\d[.,]\d{3}')
        THEN NULL
    WHEN regexp_matches(
        lower(name),
        '\b(and|with|per|daily|day|dose|total|once|twice|times|every|take|ml|millilit\w+|solution|suspension|syrup|injection|injectable)\b'
    )
        THEN NULL
    ELSE as_number(regexp_extract(replace(lower(name), ',', '.'), '(\d+(?:\.\d+)?)\s*(?:mgs?|milligrams?|milligrammes?)\b', 1))
END;

-- Two amounts of which neither is the other but for rounding.
CREATE MACRO is_apart(one, other) AS coalesce(abs(one - other) > 0.01 * greatest(abs(one), abs(other)), FALSE);

-- Whether a dosage text speaks of another tablet than the product: its tablets or its milligrams are then not to be had.
CREATE MACRO is_other_tablet(piece_mg, other_piece_mg, strength) AS
    is_apart(piece_mg, strength) AND (other_piece_mg IS NULL OR is_apart(other_piece_mg, strength));

-- Milligrams a day by the reading of a dosage text: what it states, else its tablets of the product's strength.
CREATE MACRO text_dose(mg_a_day, pieces_a_day, piece_mg, other_piece_mg, strength) AS CASE
    WHEN NOT is_other_tablet(piece_mg, other_piece_mg, strength) THEN coalesce(mg_a_day, pieces_a_day * strength)
END;

-- Why a dose that a record tells stays unknown: its two tellings differ, or its text is not read and there is no other.
CREATE MACRO dose_note_of(is_contradicting, dose, text) AS CASE
    WHEN is_contradicting THEN 'contradicting_dose'
    WHEN dose IS NULL AND text IS NOT NULL THEN 'unread_text'
END;

-- A quotient of positive numbers, NULL where either is none: a supply of 0 days or of 0 tablets says nothing.
CREATE MACRO positive_ratio(numerator, denominator) AS CASE
    WHEN numerator > 0 AND denominator > 0 THEN numerator / denominator
END;

-- Repeats that an order allows, 0 where none are told or more than a year of weekly packs: 99 stands for "without limit".
CREATE MACRO plausible_refills(n) AS CASE WHEN n BETWEEN 1 AND 52 THEN CAST(floor(n) AS INTEGER) ELSE 0 END;

-- The times that a supply is taken: an order is filled once and at each refill, any other record is of one supply.
CREATE MACRO fills_of(record_type, refills) AS
    1 + CASE WHEN record_type = 'order' THEN plausible_refills(refills) ELSE 0 END;

-- The kinds of record of a drug, the better first.
CREATE MACRO kind_of(word) AS CASE word
    WHEN 'order' THEN 1 WHEN 'dispensing' THEN 2 WHEN 'administration' THEN 3 WHEN 'reported' THEN 4
END;

-- What codes of drugs stand for, asked before they are received: as resolved.codes will find it, null where two things are
-- meant. codes: vocabulary, code. Grain: its pairs. The names of drugs are asked of source.drug_names.
CREATE MACRO drug_concepts(codes) AS TABLE
WITH
keyed AS (
    SELECT DISTINCT
        'drug_exposures' AS table_name,
        vocabulary,
        code,
        as_text(vocabulary) AS list,
        code_key(as_text(vocabulary), as_text(code)) AS key
    FROM query_table(codes)
),

named AS (SELECT key, concept FROM source.drug_names WHERE is_match),

told AS (SELECT * FROM told_codes(keyed, named))

SELECT keyed.vocabulary, keyed.code, CASE WHEN count(*) = 1 THEN any_value(told.concept) END AS concept
FROM keyed
INNER JOIN told ON keyed.list = told.list AND keyed.key = told.key
GROUP BY keyed.vocabulary, keyed.code;

-- The signs of decompensation decide the same rule: one row that is coded as two of them contradicts nothing.
CREATE MACRO concept_family(concept) AS CASE
    WHEN list_contains(getvariable('decompensations'), concept) THEN 'hepatic_decompensation' ELSE concept
END;

-- Words in the place of a value: there is none and will be none, or there is none yet.
CREATE MACRO is_not_done(value) AS list_contains(getvariable('not_done_words'), lower(trim(value)));
CREATE MACRO is_pending(value) AS list_contains(getvariable('pending_words'), lower(trim(value)));

-- Why a drug was stopped, as a text says: the liver in the two words of the contract, where it denies nothing; else the
-- text itself. What is said by which words: resolved.stop_words.
CREATE MACRO stop_reason_of(text) AS coalesce(
    (
        SELECT
            CASE
                WHEN bool_or(kind = 'denial') OR (bool_or(kind = 'normal') AND NOT bool_or(kind = 'limit')) THEN NULL
                WHEN bool_or(kind = 'hepatotoxicity') THEN 'hepatotoxicity'
                WHEN bool_or(kind = 'abnormal_lft') OR (bool_or(kind = 'test') AND bool_or(kind = 'raised'))
                    THEN 'abnormal_lft'
            END
        FROM (SELECT spoken_reason(text) AS said)
        INNER JOIN resolved.stop_words ON said GLOB pattern
    ),
    lower(as_text(text))
);

-- Whether a reason for stopping is the liver, in the words of the contract.
CREATE MACRO is_liver(stop_reason) AS stop_reason IN ('hepatotoxicity', 'abnormal_lft');

-- One drug as ordered, dispensed, administered and reported is taken once: the doses must not add up. A record that
-- begins within the days of one of a better kind of the same person and drug is seen there. So is one within which one of
-- the two best kinds begins, where it is reported, runs on without an end (last_day 9999-12-31 or its like), or is an order
-- in a site that believes another kind first: it would cover every break between the better ones. A single dose that was given does
-- not stand for what is reported for months.
-- What is itself seen elsewhere, is not usable, or begins after the as-of date covers nothing; a record of no kind covers and is covered by nothing.
-- records: person_id, concept, kind, record_type, first_day, last_day, is_usable. Grain: its rows that are seen, each
-- with seen_as, the record_type of the best kind that it is seen in.
CREATE MACRO seen_elsewhere(records) AS TABLE
WITH
placed AS (
    SELECT
        * REPLACE (is_usable AND first_day <= coalesce(getvariable('as_of'), first_day) AS is_usable),
        record_type IN ('order', 'MedicationRequest') OR kind = 4 OR last_day >= DATE '2250-01-01' AS is_wide
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
            max(last_day) FILTER (WHERE kind = 3 AND is_usable AND NOT in_first AND NOT in_second) OVER so_far >= first_day,
            FALSE
        ) AS in_third
    FROM by_second
    WINDOW so_far AS (PARTITION BY person_id, concept ORDER BY first_day)
),

types AS (SELECT kind, min(record_type) AS seen_as FROM placed GROUP BY kind)

SELECT by_third.* EXCLUDE (is_wide, in_first, in_second, in_third), types.seen_as
FROM by_third
LEFT JOIN types ON types.kind = CASE WHEN in_first THEN 1 WHEN in_second THEN 2 ELSE 3 END
WHERE in_first OR in_second OR in_third;
