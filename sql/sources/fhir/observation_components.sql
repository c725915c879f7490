-- The components of observations, each with what it has from its observation. Grain: component.
-- Read before the macros are: it may use none.
WITH
observations AS (
    SELECT *, 'Observation/' || row_number AS observation_row FROM source."Observation" WHERE component IS NOT NULL
    UNION ALL BY NAME
    SELECT *, 'contained/' || row_number AS observation_row
    FROM source."contained.Observation"
    WHERE component IS NOT NULL
),

listed AS (
    SELECT
        *,
        json_transform(
            component,
            '[{
                "code": "JSON",
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
                "referenceRange": "JSON"
            }]'
        ) AS components
    FROM observations
),

each AS (
    SELECT * EXCLUDE (component), unnest(components) AS component, generate_subscripts(components, 1) AS place FROM listed
),

final AS (
    SELECT
        id,
        lastUpdated,
        status,
        subject,
        effectiveDateTime,
        effectiveInstant,
        effectivePeriod_start,
        effectiveTiming,
        issued,
        observation_row,
        CAST(place AS VARCHAR) AS place,
        CAST(component.code AS VARCHAR) AS code,
        coalesce(CAST(component.dataAbsentReason AS VARCHAR), dataAbsentReason) AS dataAbsentReason,
        component.valueInteger,
        component.valueString,
        component.valueBoolean,
        component.valueTime,
        component.valueDateTime,
        CAST(component.valueCodeableConcept AS VARCHAR) AS valueCodeableConcept,
        CAST(component.valueRange AS VARCHAR) AS valueRange,
        CAST(component.valueRatio AS VARCHAR) AS valueRatio,
        CAST(component.valuePeriod AS VARCHAR) AS valuePeriod,
        CAST(component.valueSampledData AS VARCHAR) AS valueSampledData,
        component.valueQuantity.value AS valueQuantity_value,
        component.valueQuantity.comparator AS valueQuantity_comparator,
        component.valueQuantity.unit AS valueQuantity_unit,
        component.valueQuantity.system AS valueQuantity_system,
        component.valueQuantity.code AS valueQuantity_code,
        CAST(component.referenceRange AS VARCHAR) AS referenceRange
    FROM each
)

SELECT * FROM final
