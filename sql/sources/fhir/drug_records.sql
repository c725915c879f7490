-- Orders, dispenses, statements and administrations of drugs in one form. Grain: a resource.
-- kind (1 to 4) ranks which is believed where several describe the same tablets. medicine is the drug as a codeable concept,
-- ingredient those of its Medication. is_single says that the record is of one occasion.
WITH
medications AS (
    SELECT
        id,
        arg_max(code, coalesce(as_instant(lastUpdated), CAST('-infinity' AS TIMESTAMPTZ))) AS code,
        arg_max(ingredient, coalesce(as_instant(lastUpdated), CAST('-infinity' AS TIMESTAMPTZ))) AS ingredient
    FROM source."Medication"
    GROUP BY id
),

requests AS (
    SELECT
        'MedicationRequest' AS source_table,
        -- What was only told at a visit is a report, whatever the resource: no order, and nobody refills it.
        CASE WHEN is_reported(reportedBoolean, reportedReference) THEN 4 ELSE 1 END AS kind,
        row_number,
        id,
        lastUpdated,
        authoredOn AS recorded,
        subject,
        encounter,
        status,
        CASE
            WHEN status = 'entered-in-error' THEN 'entered_in_error'
            WHEN doNotPerform = 'true' THEN 'do_not_perform'
            WHEN intent IN ('proposal', 'plan', 'option') THEN 'not_an_order'
            WHEN status IN ('draft', 'cancelled') THEN status || '_order'
        END AS left_out,
        medicationCodeableConcept,
        medicationReference,
        contained,
        basedOn AS based_on,
        dosageInstruction AS dosage,
        coalesce(json_extract_string(dispenseRequest, '$.validityPeriod.start'), authoredOn) AS given_start,
        CAST(NULL AS VARCHAR) AS given_end,
        json_extract_string(dispenseRequest, '$.expectedSupplyDuration.value') AS supply_value,
        coalesce(
            json_extract_string(dispenseRequest, '$.expectedSupplyDuration.code'),
            json_extract_string(dispenseRequest, '$.expectedSupplyDuration.unit')
        ) AS supply_unit,
        json_extract_string(dispenseRequest, '$.quantity.value') AS quantity_value,
        coalesce(
            json_extract_string(dispenseRequest, '$.quantity.code'),
            json_extract_string(dispenseRequest, '$.quantity.unit')
        ) AS quantity_unit,
        fills_of(
            CASE WHEN is_reported(reportedBoolean, reportedReference) THEN 'reported' ELSE 'order' END,
            try_cast(json_extract_string(dispenseRequest, '$.numberOfRepeatsAllowed') AS DOUBLE)
        ) AS fills,
        statusReason AS reason,
        category IS NOT NULL AS has_category,
        coalesce(contains(lower(category), '"inpatient"'), FALSE) AS is_inpatient,
        coalesce(intent = 'instance-order', FALSE) AS is_single
    FROM source."MedicationRequest"
),

dispenses AS (
    SELECT
        'MedicationDispense' AS source_table,
        2 AS kind,
        row_number,
        id,
        lastUpdated,
        coalesce(whenHandedOver, whenPrepared) AS recorded,
        subject,
        context AS encounter,
        status,
        CASE
            WHEN status = 'entered-in-error' THEN 'entered_in_error'
            WHEN status IN ('preparation', 'in-progress', 'cancelled', 'on-hold', 'declined') THEN 'not_handed_over'
        END AS left_out,
        medicationCodeableConcept,
        medicationReference,
        contained,
        CAST(NULL AS VARCHAR) AS based_on,
        dosageInstruction AS dosage,
        coalesce(whenHandedOver, whenPrepared) AS given_start,
        CAST(NULL AS VARCHAR) AS given_end,
        daysSupply_value AS supply_value,
        coalesce(daysSupply_code, daysSupply_unit, 'd') AS supply_unit,
        quantity_value,
        coalesce(quantity_code, quantity_unit) AS quantity_unit,
        1 AS fills,
        CAST(NULL AS VARCHAR) AS reason,
        FALSE AS has_category,
        FALSE AS is_inpatient,
        FALSE AS is_single
    FROM source."MedicationDispense"
),

statements AS (
    SELECT
        'MedicationStatement' AS source_table,
        4 AS kind,
        row_number,
        id,
        lastUpdated,
        dateAsserted AS recorded,
        subject,
        context AS encounter,
        status,
        CASE
            WHEN status = 'entered-in-error' THEN 'entered_in_error'
            WHEN status IN ('intended', 'not-taken') THEN replace(status, '-', '_')
        END AS left_out,
        medicationCodeableConcept,
        medicationReference,
        contained,
        CAST(NULL AS VARCHAR) AS based_on,
        dosage,
        coalesce(effectivePeriod_start, effectiveDateTime) AS given_start,
        effectivePeriod_end AS given_end,
        CAST(NULL AS VARCHAR) AS supply_value,
        CAST(NULL AS VARCHAR) AS supply_unit,
        CAST(NULL AS VARCHAR) AS quantity_value,
        CAST(NULL AS VARCHAR) AS quantity_unit,
        1 AS fills,
        json_extract(statusReason, '$[0]') AS reason,
        FALSE AS has_category,
        FALSE AS is_inpatient,
        FALSE AS is_single
    FROM source."MedicationStatement"
),

administrations AS (
    SELECT
        'MedicationAdministration' AS source_table,
        3 AS kind,
        row_number,
        id,
        lastUpdated,
        CAST(NULL AS VARCHAR) AS recorded,
        subject,
        context AS encounter,
        status,
        CASE
            WHEN status = 'entered-in-error' THEN 'entered_in_error'
            WHEN status IN ('not-done', 'on-hold') THEN replace(status, '-', '_')
        END AS left_out,
        medicationCodeableConcept,
        medicationReference,
        contained,
        CAST(NULL AS VARCHAR) AS based_on,
        dosage,
        coalesce(effectivePeriod_start, effectiveDateTime) AS given_start,
        effectivePeriod_end AS given_end,
        CAST(NULL AS VARCHAR) AS supply_value,
        CAST(NULL AS VARCHAR) AS supply_unit,
        CAST(NULL AS VARCHAR) AS quantity_value,
        CAST(NULL AS VARCHAR) AS quantity_unit,
        1 AS fills,
        CAST(NULL AS VARCHAR) AS reason,
        FALSE AS has_category,
        FALSE AS is_inpatient,
        TRUE AS is_single
    FROM source."MedicationAdministration"
),

records AS (
    SELECT * FROM requests
    UNION ALL
    SELECT * FROM dispenses
    UNION ALL
    SELECT * FROM statements
    UNION ALL
    SELECT * FROM administrations
),

joined AS (
    SELECT
        records.*,
        medications.code AS code_elsewhere,
        medications.ingredient AS ingredient_elsewhere,
        CASE
            WHEN starts_with(records.medicationReference, '#')
                THEN contained_in(records.contained, records.medicationReference)
        END AS inside
    FROM records
    LEFT JOIN medications ON reference_id(records.medicationReference, 'Medication') = medications.id
),

final AS (
    SELECT
        * EXCLUDE (
            medicationCodeableConcept, medicationReference, contained, code_elsewhere, ingredient_elsewhere, inside
        ),
        coalesce(
            medicationCodeableConcept,
            CAST(inside.code AS VARCHAR),
            code_elsewhere,
            concept_of(CAST(inside.ingredient AS VARCHAR)),
            concept_of(ingredient_elsewhere)
        ) AS medicine,
        coalesce(CAST(inside.ingredient AS VARCHAR), ingredient_elsewhere) AS ingredient
    FROM joined
)

SELECT * FROM final
