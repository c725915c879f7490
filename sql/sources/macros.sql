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
