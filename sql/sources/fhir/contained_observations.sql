-- The observations that stand inside of other resources, each with what it has from the one around it. Grain: contained
-- observation. A report that is withdrawn takes back what stands in it. Read before the macros are: it may use none.
WITH
around AS (
    SELECT 'DiagnosticReport' AS kind, id, lastUpdated, subject, status, issued, effectiveDateTime, effectivePeriod_start, contained
    FROM source."DiagnosticReport"
    UNION ALL BY NAME
    SELECT
        'Observation' AS kind, id, lastUpdated, subject, status, issued, effectiveDateTime, effectiveInstant,
        effectivePeriod_start, effectiveTiming, contained
    FROM source."Observation"
    UNION ALL BY NAME
    SELECT 'Condition' AS kind, id, lastUpdated, subject, contained FROM source."Condition"
    UNION ALL BY NAME
    SELECT 'Procedure' AS kind, id, lastUpdated, subject, contained FROM source."Procedure"
    UNION ALL BY NAME
    SELECT 'Encounter' AS kind, id, lastUpdated, subject, contained FROM source."Encounter"
    UNION ALL BY NAME
    SELECT 'MedicationRequest' AS kind, id, lastUpdated, subject, contained FROM source."MedicationRequest"
    UNION ALL BY NAME
    SELECT 'MedicationDispense' AS kind, id, lastUpdated, subject, contained FROM source."MedicationDispense"
    UNION ALL BY NAME
    SELECT 'MedicationStatement' AS kind, id, lastUpdated, subject, contained FROM source."MedicationStatement"
    UNION ALL BY NAME
    SELECT 'MedicationAdministration' AS kind, id, lastUpdated, subject, contained FROM source."MedicationAdministration"
),

each AS (
    SELECT
        * EXCLUDE (contained),
        unnest(json_extract(contained, '$[*]')) AS held,
        generate_subscripts(json_extract(contained, '$[*]'), 1) AS place
    FROM around
    WHERE contains(contained, '"Observation"')
),

observations AS (
    SELECT
        *,
        json_transform(
            held,
            '{
                "id": "VARCHAR",
                "status": "VARCHAR",
                "subject": {"reference": "VARCHAR"},
                "code": "JSON",
                "effectiveDateTime": "VARCHAR",
                "effectiveInstant": "VARCHAR",
                "effectivePeriod": {"start": "VARCHAR"},
                "effectiveTiming": "JSON",
                "issued": "VARCHAR",
                "valueInteger": "VARCHAR",
                "valueString": "VARCHAR",
                "valueBoolean": "VARCHAR",
                "valueTime": "VARCHAR",
                "valueDateTime": "VARCHAR",
                "valueCodeableConcept": "JSON",
                "valueRange": "JSON",
                "valueRatio": "JSON",
                "valuePeriod": "JSON",
                "valueSampledData": "JSON",
                "dataAbsentReason": "JSON",
                "valueQuantity": {
                    "value": "VARCHAR", "comparator": "VARCHAR", "unit": "VARCHAR", "system": "VARCHAR", "code": "VARCHAR"
                },
                "referenceRange": "JSON",
                "component": "JSON"
            }'
        ) AS o
    FROM each
    WHERE json_extract_string(held, '$.resourceType') = 'Observation'
),

timed AS (
    SELECT
        *,
        coalesce(
            o.effectiveDateTime, o.effectiveInstant, o.effectivePeriod.start, CAST(o.effectiveTiming AS VARCHAR)
        ) IS NOT NULL AS has_time
    FROM observations
),

final AS (
    SELECT
        kind || '/' || id || '#' || coalesce(o.id, CAST(place AS VARCHAR)) AS id,
        lastUpdated,
        CASE
            WHEN status IN ('entered-in-error', 'cancelled') THEN status
            ELSE coalesce(o.status, if(status = 'partial', 'preliminary', status))
        END AS status,
        coalesce(o.subject.reference, subject) AS subject,
        if(has_time, o.effectiveDateTime, effectiveDateTime) AS effectiveDateTime,
        if(has_time, o.effectiveInstant, effectiveInstant) AS effectiveInstant,
        if(has_time, o.effectivePeriod.start, effectivePeriod_start) AS effectivePeriod_start,
        if(has_time, CAST(o.effectiveTiming AS VARCHAR), effectiveTiming) AS effectiveTiming,
        coalesce(o.issued, issued) AS issued,
        CAST(o.code AS VARCHAR) AS code,
        CAST(o.dataAbsentReason AS VARCHAR) AS dataAbsentReason,
        o.valueInteger,
        o.valueString,
        o.valueBoolean,
        o.valueTime,
        o.valueDateTime,
        CAST(o.valueCodeableConcept AS VARCHAR) AS valueCodeableConcept,
        CAST(o.valueRange AS VARCHAR) AS valueRange,
        CAST(o.valueRatio AS VARCHAR) AS valueRatio,
        CAST(o.valuePeriod AS VARCHAR) AS valuePeriod,
        CAST(o.valueSampledData AS VARCHAR) AS valueSampledData,
        o.valueQuantity.value AS valueQuantity_value,
        o.valueQuantity.comparator AS valueQuantity_comparator,
        o.valueQuantity.unit AS valueQuantity_unit,
        o.valueQuantity.system AS valueQuantity_system,
        o.valueQuantity.code AS valueQuantity_code,
        CAST(o.referenceRange AS VARCHAR) AS referenceRange,
        CAST(o.component AS VARCHAR) AS component
    FROM timed
)

SELECT * FROM final
