-- Readers of FHIR's types, beside those of sql/macros.sql and sql/sources/macros.sql.

-- The id that a reference to a resource of this type names: Type/x, Type/x/_history/3, https://host/Type/x, urn:uuid:x.
-- NULL for a contained resource (#x), a search, a bare id and a reference to another type.
CREATE MACRO reference_id(reference, kind) AS CASE
    WHEN starts_with(reference, kind || '/') AND NOT contains(substr(reference, len(kind) + 2), '/')
        THEN nullif(regexp_extract(substr(reference, len(kind) + 2), '^[^?#]+$'), '')
    WHEN starts_with(reference, 'urn:') THEN nullif(regexp_extract(reference, '^urn:(?:uuid|oid):([^/?#]+)$', 1), '')
    ELSE nullif(regexp_extract(reference, '(?:^|/)' || kind || '/([^/?#]+)(?:/_history/[^/?#]+)?$', 1), '')
END;

-- A date that is only a year or a month is placed by another date of the same resource that lies within it.
CREATE MACRO placed_by(partial_date, whole_date) AS CASE
    WHEN regexp_full_match(partial_date, '\d{4}(-\d{2})?') AND starts_with(whole_date, partial_date || '-')
        AND len(whole_date) >= 10 THEN whole_date
    ELSE partial_date
END;

-- The day of a date or a time as written, quickly; NULL for a partial date and for days before any living record.
CREATE MACRO quick_day(x) AS CASE
    WHEN getvariable('time_zone') IS NOT NULL AND may_state_offset(x)
        THEN CASE
            WHEN try_cast(x AS TIMESTAMPTZ) >= TIMESTAMPTZ '1900-01-02 00:00:00+00'
                THEN CAST(timezone(getvariable('time_zone'), finite(try_cast(x AS TIMESTAMPTZ))) AS DATE)
        END
    WHEN len(x) >= 10 AND try_cast(substr(x, 1, 10) AS DATE) >= DATE '1900-01-01' THEN try_cast(substr(x, 1, 10) AS DATE)
END;

-- The first and the last day that a date may mean, which may be only a year or a month.
CREATE MACRO first_day_in(x) AS CASE
    WHEN regexp_full_match(x, '\d{4}') THEN try_cast(x || '-01-01' AS DATE)
    WHEN regexp_full_match(x, '\d{4}-\d{2}') THEN try_cast(x || '-01' AS DATE)
END;
CREATE MACRO last_day_in(x) AS CASE
    WHEN regexp_full_match(x, '\d{4}') THEN try_cast(x || '-12-31' AS DATE)
    WHEN regexp_full_match(x, '\d{4}-\d{2}') THEN last_day(try_cast(x || '-01' AS DATE))
END;

-- A code system's name in the code lists; a system that they do not know is a vocabulary by its own address, and a code
-- without a system is of the site's own: local.
CREATE MACRO vocabulary_of(system) AS CASE
    WHEN system IS NULL THEN 'local'
    WHEN system IN ('http://loinc.org', 'https://loinc.org', 'urn:oid:2.16.840.1.113883.6.1') THEN 'LOINC'
    WHEN system = 'http://snomed.info/sct' OR starts_with(system, 'http://snomed.info/sct/')
        OR system = 'urn:oid:2.16.840.1.113883.6.96' THEN 'SNOMED CT'
    WHEN system IN ('http://www.nlm.nih.gov/research/umls/rxnorm', 'urn:oid:2.16.840.1.113883.6.88') THEN 'RxNorm'
    WHEN system IN ('http://www.whocc.no/atc', 'urn:oid:2.16.840.1.113883.6.73') THEN 'ATC'
    WHEN system = 'https://dmd.nhs.uk' THEN 'dm+d'
    WHEN system IN (
        'http://hl7.org/fhir/sid/icd-10-cm', 'http://hl7.org/fhir/sid/icd-10', 'urn:oid:2.16.840.1.113883.6.90'
    ) THEN 'ICD-10-CM'
    WHEN system IN (
        'http://hl7.org/fhir/sid/icd-9-cm', 'http://terminology.hl7.org/CodeSystem/icd9cm', 'urn:oid:2.16.840.1.113883.6.103'
    ) THEN 'ICD-9-CM'
    WHEN system IN ('http://www.ama-assn.org/go/cpt', 'urn:oid:2.16.840.1.113883.6.12') THEN 'CPT'
    WHEN system = 'urn:rechallenge:concept' THEN 'concept'
    ELSE system
END;

-- A codeable concept, taken apart.
CREATE MACRO as_concept(concept) AS json_transform(
    concept, '{"coding": [{"system": "VARCHAR", "code": "VARCHAR", "display": "VARCHAR"}], "text": "VARCHAR"}'
);

-- The unit of a quantity: the UCUM code, else the unit as printed, else the code.
CREATE MACRO unit_of(system, code, unit) AS CASE
    WHEN system = 'http://unitsofmeasure.org' AND as_text(code) IS NOT NULL THEN code
    ELSE coalesce(as_text(unit), as_text(code))
END;

-- What a codeable concept says in words; a code without words shows itself with its system, so that it is no number.
CREATE MACRO words_of(concept) AS coalesce(
    as_text(json_extract_string(concept, '$.text')),
    as_text(json_extract_string(concept, '$.coding[0].display')),
    coalesce(json_extract_string(concept, '$.coding[0].system'), '') || '|' || json_extract_string(concept, '$.coding[0].code')
);

-- A range with one number as that: a bound, or the same twice. One with two shows itself, and is no number.
CREATE MACRO number_of_range(low, high) AS CASE
    WHEN high IS NULL THEN '>=' || low
    WHEN low IS NULL THEN '<=' || high
    WHEN try_cast(low AS DOUBLE) = try_cast(high AS DOUBLE) THEN low
    ELSE low || '-' || high
END;

-- The value of an observation as text, whatever form of value[x] it has; NULL only where there is none.
CREATE MACRO observed_value(o) AS coalesce(
    as_text(o.valueQuantity_value),
    as_text(o.valueInteger),
    as_text(o.valueString),
    words_of(o.valueCodeableConcept),
    number_of_range(
        as_text(json_extract_string(o.valueRange, '$.low.value')), as_text(json_extract_string(o.valueRange, '$.high.value'))
    ),
    (o.valueRatio ->> '$.numerator.value') || ':' || coalesce(o.valueRatio ->> '$.denominator.value', ''),
    o.valueBoolean,
    o.valueTime,
    o.valueDateTime,
    'from ' || o.valuePeriod,
    'sampled ' || o.valueSampledData
);

-- The unit of an observation's value: a quantity's, or that of the limits of a range.
CREATE MACRO observed_unit(o) AS coalesce(
    unit_of(o.valueQuantity_system, o.valueQuantity_code, o.valueQuantity_unit),
    unit_of(
        coalesce(json_extract_string(o.valueRange, '$.low.system'), json_extract_string(o.valueRange, '$.high.system')),
        coalesce(json_extract_string(o.valueRange, '$.low.code'), json_extract_string(o.valueRange, '$.high.code')),
        coalesce(json_extract_string(o.valueRange, '$.low.unit'), json_extract_string(o.valueRange, '$.high.unit'))
    )
);

-- The limits that a text states: "7-56", "7 to 56", "<45", "up to 40", ">= 10", "above 10". NULL where it says more than that.
CREATE MACRO range_text(x) AS regexp_replace(translate(lower(trim(x)), '–—−≤≥', '---≦≧'), '\s+', ' ', 'g');
CREATE MACRO range_pattern(x) AS CAST('^' || x || ' ?([^\d<>=,;:-][^\d<>=,;:]*)?$' AS VARCHAR);
CREATE MACRO low_in(x) AS try_cast(coalesce(
    nullif(regexp_extract(range_text(x), range_pattern('(\d+(?:\.\d+)?) ?(?:-|to) ?(\d+(?:\.\d+)?)'), 1), ''),
    nullif(regexp_extract(range_text(x), range_pattern('(?:>=?|≧|(?:greater|more|higher) than|above|over|at least|from) ?(\d+(?:\.\d+)?)'), 1), '')
) AS DOUBLE);
CREATE MACRO high_in(x) AS try_cast(coalesce(
    nullif(regexp_extract(range_text(x), range_pattern('(\d+(?:\.\d+)?) ?(?:-|to) ?(\d+(?:\.\d+)?)'), 2), ''),
    nullif(regexp_extract(range_text(x), range_pattern('(?:<=?|≦|up to|(?:less|lower) than|below|under|at most) ?(\d+(?:\.\d+)?)'), 1), '')
) AS DOUBLE);
CREATE MACRO range_unit_in(x) AS nullif(trim(regexp_extract(range_text(x), '\d ?([^\d<>=,;: -][^\d<>=,;:]*)$', 1)), '');

-- A limit where it is of the unit of the value, however the two are spelled.
CREATE MACRO range_limit(x, unit, unit_of_limit) AS CASE
    WHEN unit IS NULL OR unit_of_limit IS NULL OR unit_ratio(unit, unit_of_limit) = 1 THEN x
END;

-- Days of a duration; a month has 30, as a supply is counted.
CREATE MACRO days_of(value, unit) AS try_cast(value AS DOUBLE) * CASE
    WHEN lower(unit) IN ('d', 'day', 'days') THEN 1
    WHEN lower(unit) IN ('wk', 'week', 'weeks') THEN 7
    WHEN lower(unit) IN ('mo', 'month', 'months') THEN 30
    WHEN lower(unit) IN ('a', 'year', 'years') THEN 365
    WHEN lower(unit) IN ('h', 'hour', 'hours') THEN 1 / 24.0
    WHEN lower(unit) = 'min' THEN 1 / 1440.0
    WHEN lower(unit) = 's' THEN 1 / 86400.0
END;

-- Whether a list says one thing: each entry the same, none unknown.
CREATE MACRO is_one(entries) AS len(list_distinct(entries)) = 1 AND len(list_filter(entries, lambda x: x IS NULL)) = 0;

-- Milligrams of a quantity; NULL in another unit, none included: a bare number may be milligrams or tablets.
CREATE MACRO mg_of(value, unit) AS CASE
    WHEN lower(unit) IN ('mg', 'milligram', 'milligrams') THEN try_cast(value AS DOUBLE)
    WHEN lower(unit) IN ('g', 'gram', 'grams') THEN try_cast(value AS DOUBLE) * 1000
    WHEN lower(unit) IN ('ug', 'mcg', 'µg', 'μg', 'microgram', 'micrograms') THEN try_cast(value AS DOUBLE) / 1000
END;

-- Tablets or capsules of a quantity.
CREATE MACRO pieces_of(value, unit) AS CASE
    WHEN regexp_full_match(lower(unit), '\{?(tbl|tab|tabs|tablets?|cap|caps|capsules?|pills?)(\(s\))?\}?')
        THEN try_cast(value AS DOUBLE)
END;

-- A medication that stands in the resource that asks for it.
CREATE MACRO contained_in(contained, reference) AS list_filter(
    json_transform(contained, '[{"id": "VARCHAR", "code": "JSON", "ingredient": "JSON"}]'),
    lambda x: '#' || x.id = reference
)[1];

-- Milligrams in one tablet, where a medication has a single ingredient and says so.
CREATE MACRO strength_of(ingredient) AS CASE
    WHEN json_array_length(ingredient) = 1
        AND (
            json_extract_string(ingredient, '$[0].strength.denominator.value') IS NULL
            OR try_cast(json_extract_string(ingredient, '$[0].strength.denominator.value') AS DOUBLE) = 1
        )
        AND (
            json_extract_string(ingredient, '$[0].strength.denominator.unit') IS NULL
            AND json_extract_string(ingredient, '$[0].strength.denominator.code') IS NULL
            OR json_extract_string(ingredient, '$[0].strength.denominator.code') = '1'
            OR pieces_of('1', json_extract_string(ingredient, '$[0].strength.denominator.code')) IS NOT NULL
            OR pieces_of('1', json_extract_string(ingredient, '$[0].strength.denominator.unit')) IS NOT NULL
        )
        THEN mg_of(
            json_extract_string(ingredient, '$[0].strength.numerator.value'),
            coalesce(
                json_extract_string(ingredient, '$[0].strength.numerator.code'),
                json_extract_string(ingredient, '$[0].strength.numerator.unit')
            )
        )
END;

-- Whether a request only tells what somebody else said. Who that was may be named without a resource of its own.
CREATE MACRO is_reported(flag, source) AS coalesce(flag = 'true', FALSE) OR coalesce(source NOT IN ('{}', 'null'), FALSE);

-- The drug of a medication that has no code but a single ingredient.
CREATE MACRO concept_of(ingredient) AS CASE
    WHEN json_array_length(ingredient) = 1
        THEN CAST(json_extract(ingredient, '$[0].itemCodeableConcept') AS VARCHAR)
END;

-- Whether an encounter is a stay in hospital; some write the class as a bare word.
CREATE MACRO is_inpatient(class) AS list_contains(getvariable('inpatient_codes'), coalesce(
    upper(json_extract_string(class, '$.code')), upper(json_extract_string(class, '$[0].coding[0].code')),
    upper(trim(class, '"'))
));

-- The codes of why there is no value, and its words.
CREATE MACRO absent_codes(reason) AS coalesce(json_extract_string(reason, '$.coding[*].code'), []);
CREATE MACRO absent_words(reason) AS list_concat(
    [json_extract_string(reason, '$.text')], coalesce(json_extract_string(reason, '$.coding[*].display'), [])
);
CREATE MACRO is_absent(reason) AS coalesce(
    list_has_any(
        absent_codes(reason),
        ['not-performed', 'not-asked', 'error', 'asked-declined', 'not-applicable', 'unsupported']
    )
    OR len(list_filter(absent_words(reason), lambda x: is_not_done(x))) > 0,
    FALSE
);
CREATE MACRO is_awaited(reason) AS coalesce(
    list_has_any(absent_codes(reason), ['temp-unknown', 'pending'])
    OR len(list_filter(absent_words(reason), lambda x: is_pending(x))) > 0,
    FALSE
);
