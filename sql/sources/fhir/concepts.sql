-- What each codeable concept of the export stands for. Grain: table of the contract, concept as JSON.
-- The first coding that is on a list counts. Where none is, a drug may still be told by its name; else the first coding
-- of a vocabulary that the lists know, else the first, shows itself among the codes on no list; else the text.
WITH
given AS (
    SELECT 'lab_results' AS table_name, code AS given FROM source."Observation"
    UNION
    SELECT 'lab_results', code FROM source."contained.Observation"
    UNION
    SELECT 'lab_results', code FROM source."Observation.component"
    UNION
    SELECT 'clinical_events', code FROM source."Condition"
    UNION
    SELECT 'clinical_events', code FROM source."Procedure"
    UNION
    SELECT 'clinical_events', code FROM source."DiagnosticReport"
    UNION
    SELECT 'drug_exposures', medicine FROM source.drug_records
),

parsed AS (SELECT *, as_concept(given) AS concept FROM given WHERE given IS NOT NULL),

codings AS (
    SELECT
        table_name,
        given,
        unnest(list_filter(concept.coding, lambda x: is_given(x.code))) AS coding,
        generate_subscripts(list_filter(concept.coding, lambda x: is_given(x.code)), 1) AS position
    FROM parsed
),

keyed AS (
    SELECT
        table_name,
        given,
        position,
        vocabulary_of(as_text(coding.system)) AS vocabulary,
        vocabulary AS list,
        as_text(coding.code) AS code,
        as_text(coding.display) AS display,
        code_key(vocabulary_of(as_text(coding.system)), as_text(coding.code)) AS key
    FROM codings
),

-- Signs of one decompensated liver do not contradict each other: any of them counts as it.
listed AS (
    SELECT
        table_name,
        given,
        arg_min(vocabulary, position) AS vocabulary,
        arg_min(code, position) AS code,
        arg_min(concept, position) AS concept,
        arg_min(display, position) AS display,
        count(DISTINCT concept_family(concept)) > 1 AS is_contradicting,
        list_distinct(list(concept ORDER BY position)) AS concepts,
        string_agg(DISTINCT vocabulary || ' ' || code, ' + ' ORDER BY vocabulary || ' ' || code) AS codings
    FROM listed_codes(keyed)
    GROUP BY ALL
),

first_codings AS (
    SELECT
        table_name,
        given,
        arg_min(vocabulary, rank) AS vocabulary,
        arg_min(code, rank) AS code,
        arg_min(display, rank) AS display
    FROM (SELECT *, position + CASE WHEN vocabulary IN ('LOINC', 'SNOMED CT', 'RxNorm') THEN 0 ELSE 1000 END AS rank FROM keyed)
    GROUP BY ALL
),

names AS (
    SELECT given, 0 AS position, as_text(concept.text) AS name FROM parsed WHERE table_name = 'drug_exposures'
    UNION ALL
    SELECT given, generate_subscripts(concept.coding, 1), as_text(unnest(concept.coding).display)
    FROM parsed
    WHERE table_name = 'drug_exposures'
),

told AS (
    SELECT
        names.given,
        arg_min(names.name, (NOT drug_names.is_match, names.position)) AS name,
        arg_min(CASE WHEN drug_names.is_match THEN drug_names.concept END, (NOT drug_names.is_match, names.position))
            AS concept
    FROM names
    INNER JOIN source.drug_names ON code_key('name', names.name) = drug_names.key
    GROUP BY ALL
),

final AS (
    SELECT
        parsed.table_name,
        parsed.given,
        CASE
            -- An event that is coded as two things is both; a result or a drug is rejected.
            WHEN listed.is_contradicting AND parsed.table_name = 'clinical_events' THEN several_codings()
            WHEN listed.given IS NOT NULL THEN listed.vocabulary
            WHEN told.name IS NOT NULL THEN 'name'
            WHEN first_codings.code IS NOT NULL THEN first_codings.vocabulary
            WHEN parsed.table_name = 'drug_exposures' THEN 'name'
            ELSE 'text'
        END AS vocabulary,
        coalesce(
            CASE WHEN listed.is_contradicting AND parsed.table_name = 'clinical_events' THEN listed.codings END,
            listed.code, told.name, first_codings.code, as_text(parsed.concept.text), as_text(parsed.concept.coding[1].display)
        ) AS code,
        coalesce(listed.concept, told.concept) AS concept,
        coalesce(listed.is_contradicting, FALSE) AS is_contradicting,
        listed.concepts,
        -- What may turn out to be an audited drug: also a name that only looks like one.
        coalesce(listed.concept, told.name) IS NOT NULL AS is_asked,
        coalesce(
            strength_in(listed.display),
            strength_in(told.name),
            strength_in(parsed.concept.text),
            strength_in(first_codings.display)
        ) AS strength_mg
    FROM parsed
    LEFT JOIN listed ON parsed.table_name = listed.table_name AND parsed.given = listed.given
    LEFT JOIN first_codings ON parsed.table_name = first_codings.table_name AND parsed.given = first_codings.given
    LEFT JOIN told ON parsed.table_name = 'drug_exposures' AND parsed.given = told.given
)

SELECT * FROM final
