-- What the fields of HL7 v2 say, one macro a question; text in, text or NULL out.

-- A time YYYY[MM[DD[HH[MM[SS[.S+]]]]]][+/-ZZZZ] as ISO with its offset. One that knows no day, or no such day, stays as it
-- is: the contract rejects it. A day with an offset but no hour is the day.
CREATE MACRO hl7_time(x) AS CASE
    WHEN x IS NULL OR NOT regexp_full_match(x, '\d{8}(\d{2}(\d{2}(\d{2}([.]\d+)?)?)?)?([+-]\d{4})?') THEN x
    WHEN try_cast(
        regexp_replace(rpad(regexp_extract(x, '^\d+'), 14, '0'), '^(....)(..)(..)(..)(..)(..)$', '\1-\2-\3 \4:\5:\6') AS TIMESTAMP
    ) IS NULL THEN x
    WHEN regexp_full_match(x, '\d{8}([+-]\d{4})?') THEN regexp_replace(x, '^(\d{4})(\d\d)(\d\d).*$', '\1-\2-\3')
    ELSE
        regexp_replace(
            rpad(regexp_extract(x, '^\d+'), 14, '0'), '^(....)(..)(..)(..)(..)(..)$', '\1-\2-\3T\4:\5:\6'
        )
        || regexp_extract(x, '[.]\d+')
        || regexp_replace(regexp_extract(x, '[+-]\d{4}$'), '^(...)(..)$', '\1:\2')
END;

-- The vocabulary of a coding system, by HL7 table 0396, by name or by OID; a name of the contract stands for itself, and
-- what is none of these is the laboratory's own.
CREATE MACRO hl7_vocabulary(system) AS CASE
    WHEN upper(system) IN ('LN', 'LOINC', '2.16.840.1.113883.6.1') THEN 'LOINC'
    WHEN upper(system) IN ('SCT', 'SNM', 'SNOMED', 'SNOMED CT', 'SNOMED-CT', 'SNOMEDCT', '2.16.840.1.113883.6.96')
        THEN 'SNOMED CT'
    WHEN upper(system) IN ('C4', 'CPT', 'CPT4', 'CPT-4', '2.16.840.1.113883.6.12') THEN 'CPT'
    WHEN upper(system) IN ('OMOP', 'MIMIC-IV') THEN upper(system)
    WHEN lower(system) = 'concept' THEN 'concept'
    ELSE 'local'
END;

-- The comparator of a structured numeric; that of a text stays in the value, where the contract finds it.
CREATE MACRO hl7_comparator(value_type, comparator) AS CASE
    WHEN upper(value_type) = 'SN' AND comparator IN ('<', '<=', '>', '>=') THEN comparator
END;

-- The value of a result as text. A coded value is its words, or its code marked as such, which is no number; a document
-- says that it is one; a structured one is its parts in a row, of which the contract reads a number where it is one.
-- Nothing is cut off: "5.0 H", "2:1" and "40~45" are no numbers.
CREATE MACRO hl7_coded_words(value, component) AS nullif(nullif(trim(split_part(value, '^', component)), ''), '""');

CREATE MACRO hl7_value(value_type, value, value_count, comparator, number_1, separator, number_2) AS CASE
    WHEN upper(value_type) IN ('ED', 'RP') THEN 'document (' || upper(value_type) || ')'
    WHEN upper(value_type) IN ('CE', 'CWE', 'CNE', 'CF') THEN coalesce(
        hl7_coded_words(value, 2), hl7_coded_words(value, 5), hl7_coded_words(value, 9), nullif(value, '') || ' (code)'
    )
    WHEN upper(value_type) = 'SN' AND value_count = '1' THEN nullif(
        concat(
            CASE WHEN hl7_comparator(value_type, comparator) IS NULL AND comparator <> '=' THEN comparator END,
            number_1, separator, number_2
        ), ''
    )
    ELSE value
END;

-- The unit: the UCUM code where one of the two codings is of UCUM, else the code as it is, else its text. An unescaped
-- 10^3/uL comes as the components 10 and 3/uL.
CREATE MACRO hl7_unit(unit, unit_text, unit_system, unit_2, unit_system_2) AS CASE
    WHEN upper(unit_system) = 'UCUM' AND unit IS NOT NULL THEN unit
    WHEN upper(unit_system_2) = 'UCUM' AND unit_2 IS NOT NULL THEN unit_2
    WHEN unit IN ('10', 'x10') AND regexp_full_match(unit_text, '\d+/\w+') THEN unit || '^' || unit_text
    ELSE coalesce(unit, unit_text)
END;

-- A number of a reference range, NULL where it is none. A comma is the decimal one, but before three digits it may as
-- well part the thousands.
CREATE MACRO hl7_limit(x) AS CASE
    WHEN regexp_full_match(x, '[+-]?(\d+([.]\d+)?|[.]\d+|0,\d+|\d+,(\d{1,2}|\d{4,}))') THEN replace(x, ',', '.')
END;

CREATE MACRO hl7_range_parts(x) AS regexp_extract(
    trim(x),
    '^[(\[]?\s*(?:([+-]?[\d.,]+)\s*(?:-|–|to)\s*([+-]?[\d.,]+)|(<|<=|≤|>|>=|≥|(?i:up to|(?:less|lower) than|below|under|at most|(?:greater|more|higher) than|above|over|at least|from)\s)\s*([+-]?[\d.,]+))\s*[)\]]?(?:\s*([^\d\s.,)\]]\S*)|\s+(\S+))?$',
    ['low', 'high', 'comparator', 'bound', 'unit', 'unit_2']
);

CREATE MACRO hl7_range_limits(parts) AS CASE
    WHEN regexp_full_match(lower(trim(parts.comparator)), '<=?|≤|up to|(less|lower) than|below|under|at most') THEN {'low': NULL, 'high': hl7_limit(parts.bound)}
    WHEN parts.comparator <> '' THEN {'low': hl7_limit(parts.bound), 'high': NULL}
    WHEN hl7_limit(parts.low) IS NOT NULL AND hl7_limit(parts.high) IS NOT NULL
        THEN {'low': hl7_limit(parts.low), 'high': hl7_limit(parts.high)}
END;

-- The limits of a reference range: 7-56, 7 - 56, 7 to 56, (7-56), <45, <=45, up to 45, >10, >=10, above 10, with or
-- without the unit of the result behind. NULL for any other text and for a range of another unit; one that runs backwards stays so, and the
-- contract does not use it.
CREATE MACRO hl7_range_in(parts, unit) AS CASE
    WHEN unit IS NULL OR concat(parts.unit, parts.unit_2) = '' THEN hl7_range_limits(parts)
    WHEN unit_ratio(unit, concat(parts.unit, parts.unit_2)) = 1 THEN hl7_range_limits(parts)
END;
CREATE MACRO hl7_range(reference_range, unit) AS hl7_range_in(hl7_range_parts(split_part(reference_range, '^', 1)), unit);

-- Words in the place of a value, or as one of its components: there is none and will be none, or there is none yet.
CREATE MACRO hl7_is_not_done(value) AS list_has_any(string_split(lower(value), '^'), getvariable('not_done_words'));
CREATE MACRO hl7_is_pending(value) AS list_has_any(string_split(lower(value), '^'), getvariable('pending_words'));

-- The status of the contract: OBX-11 (HL7 table 0085), and where it is empty the report's, OBR-25 (table 0123). Of an
-- order that has no result yet a value is an early one. A code of neither table stays: the contract rejects it.
CREATE MACRO hl7_status(result_status, order_status, value) AS CASE
    WHEN upper(result_status) IN ('D', 'W') THEN 'entered-in-error'
    WHEN upper(result_status) = 'X' OR (result_status IS NULL AND upper(order_status) = 'X') THEN 'cancelled'
    WHEN coalesce(hl7_is_not_done(value), FALSE) THEN 'cancelled'
    WHEN upper(result_status) IN ('F', 'U', 'V', 'B') THEN 'final'
    WHEN upper(result_status) IN ('C', 'A') THEN 'corrected'
    WHEN upper(result_status) IN ('P', 'R', 'S') THEN 'preliminary'
    WHEN result_status IS NOT NULL THEN result_status
    WHEN order_status IS NULL OR upper(order_status) = 'F' THEN 'final'
    WHEN upper(order_status) IN ('C', 'M') THEN 'corrected'
    WHEN upper(order_status) IN ('P', 'R', 'A', 'I', 'S', 'O', 'N') THEN 'preliminary'
    ELSE order_status
END;

-- Why a result is none, or NULL: it is pending, only described, or was not asked for (no_result); or OBX-11 U makes an
-- early value final without sending it again, so that an empty row must not take its place (status_only).
CREATE MACRO hl7_no_result(result_status, order_status, value) AS CASE
    WHEN upper(result_status) IN ('D', 'W', 'X') THEN NULL
    WHEN upper(result_status) IN ('I', 'O', 'N') OR hl7_is_pending(value) THEN 'no_result'
    WHEN upper(result_status) = 'U' AND value IS NULL THEN 'status_only'
    WHEN result_status IS NULL AND value IS NULL AND upper(order_status) IN ('I', 'S', 'O', 'N', 'Y', 'Z')
        THEN 'no_result'
END;

-- PID-35 is for animals; some say there that the patient is a person.
CREATE MACRO hl7_is_animal(species, species_text) AS
coalesce(species, species_text) IS NOT NULL
AND NOT coalesce(list_contains(getvariable('human_codes'), upper(species)), FALSE)
AND NOT regexp_matches(lower(concat(species, ' ', species_text)), getvariable('human_pattern'));

-- A part of an id that is put together: no part can look like two.
CREATE MACRO hl7_part(x) AS replace(coalesce(x, ''), '|', '\F\');
