-- Patient -> patients. The feed begins with the earliest day of any resource of the patient, and ends nowhere, but for a
-- death; FHIR has no notion of it, so observation_periods, where the site gives it, comes first.
WITH
patients AS (SELECT *, as_instant(lastUpdated) AS updated FROM source."Patient"),

survivors AS (SELECT * FROM source.survivors),

periods AS (
    SELECT
        as_text(patient_id) AS patient_id,
        CAST(observation_start AS VARCHAR) AS observation_start,
        CAST(observation_end AS VARCHAR) AS observation_end
    FROM source.observation_periods
),

-- When something was recorded; is_told marks what may be history from before the feed.
days AS (
    SELECT
        subject,
        quick_day(coalesce(
            effectiveDateTime, effectivePeriod_start, effectiveInstant, json_extract_string(effectiveTiming, '$.event[0]')
        )) AS day,
        FALSE AS is_told
    FROM source."Observation"
    WHERE status IS DISTINCT FROM 'entered-in-error'
    UNION ALL
    SELECT subject, quick_day(unnest([period_start, period_end])), FALSE
    FROM source."Encounter"
    WHERE status IS NULL OR status NOT IN ('entered-in-error', 'planned', 'cancelled')
    UNION ALL
    SELECT subject, quick_day(coalesce(recorded, given_start)), recorded IS NULL AND source_table = 'MedicationStatement'
    FROM source.drug_records
    WHERE status IS DISTINCT FROM 'entered-in-error'
    UNION ALL
    SELECT
        subject,
        quick_day(coalesce(recordedDate, onsetDateTime, onsetPeriod_start)),
        recordedDate IS NULL AND encounter IS NULL
    FROM source."Condition"
    WHERE verificationStatus IS NULL OR NOT contains(verificationStatus, 'entered-in-error')
    UNION ALL
    SELECT subject, quick_day(coalesce(performedDateTime, performedPeriod_start)), FALSE
    FROM source."Procedure"
    WHERE status IS NULL OR status NOT IN ('entered-in-error', 'preparation', 'not-done')
    UNION ALL
    SELECT subject, quick_day(coalesce(effectiveDateTime, effectivePeriod_start, issued)), FALSE
    FROM source."DiagnosticReport"
    WHERE status IS DISTINCT FROM 'entered-in-error'
),

by_subject AS (
    SELECT
        subject,
        min(day) FILTER (NOT is_told) AS first_day,
        min(day) AS first_told,
        max(day) FILTER (day <= getvariable('as_of')) AS last_day
    FROM days
    WHERE day IS NOT NULL
    GROUP BY subject
),

named AS (SELECT *, reference_id(subject, 'Patient') AS named FROM by_subject),

by_patient AS (
    SELECT
        coalesce(survivors.survivor, named.named) AS patient_id,
        coalesce(min(named.first_day), min(named.first_told)) AS first_day,
        max(named.last_day) AS last_day
    FROM named
    LEFT JOIN survivors ON named.named = survivors.replaced
    GROUP BY ALL
),

joined AS (
    SELECT
        patients.*,
        survivors.replaced IS NOT NULL AS is_replaced,
        survivors.survivor,
        rank() OVER (PARTITION BY patients.id ORDER BY patients.updated DESC NULLS LAST) AS recency,
        periods.patient_id IS NOT NULL AS has_period,
        periods.observation_start,
        periods.observation_end,
        by_patient.first_day,
        by_patient.last_day
    FROM patients
    LEFT JOIN survivors ON patients.id = survivors.replaced
    LEFT JOIN periods ON patients.id = periods.patient_id
    LEFT JOIN by_patient ON patients.id = by_patient.patient_id
),

final AS (
    SELECT
        id AS patient_id,
        CASE lower(gender)
            WHEN 'female' THEN 'F'
            WHEN 'male' THEN 'M'
            WHEN 'other' THEN NULL
            WHEN 'unknown' THEN NULL
            ELSE gender
        END AS sex,
        substr(birthDate, 1, 4) AS birth_year,
        reference_id(managingOrganization, 'Organization') AS site_id,
        CASE WHEN has_period THEN observation_start ELSE CAST(first_day AS VARCHAR) END AS observation_start,
        CASE
            WHEN has_period THEN observation_end
            WHEN deceasedBoolean = 'true' AND deceasedDateTime IS NULL THEN CAST(last_day AS VARCHAR)
        END AS observation_end,
        -- A death in a month or a year: the last day in it on which the patient is known to have lived, else its first.
        CASE
            WHEN first_day_in(deceasedDateTime) IS NULL THEN deceasedDateTime
            ELSE CAST(least(
                greatest(first_day_in(deceasedDateTime), coalesce(last_day, first_day_in(deceasedDateTime))),
                last_day_in(deceasedDateTime)
            ) AS VARCHAR)
        END AS death_date,
        'Patient' AS source_table,
        CASE
            WHEN recency > 1 AND id IS NOT NULL THEN 'older_version'
            WHEN survivor IS NOT NULL THEN 'replaced_patient'
            WHEN NOT is_replaced AND NOT has_period AND first_day IS NULL THEN 'no_dated_resource'
        END AS left_out,
        CASE WHEN is_replaced AND survivor IS NULL AND recency = 1 THEN 'contradicting_links' END AS rejected
    FROM joined
)

SELECT * FROM final
