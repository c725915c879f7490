-- Condition, Procedure and DiagnosticReport -> clinical_events.
-- Without any Condition the table is missing: reports alone tell no symptoms.
WITH
concepts AS (SELECT * FROM source.concepts WHERE table_name = 'clinical_events'),

survivors AS (SELECT * FROM source.survivors),

conditions AS (
    SELECT
        'Condition' AS source_table,
        id,
        subject,
        lastUpdated,
        recordedDate AS recorded,
        placed_by(coalesce(onsetDateTime, onsetPeriod_start, recordedDate), recordedDate) AS event_date,
        code,
        CASE
            WHEN contains(verificationStatus, '"entered-in-error"') THEN 'entered_in_error'
            WHEN contains(verificationStatus, '"refuted"') THEN 'refuted'
            WHEN contains(verificationStatus, '"differential"') THEN 'differential_diagnosis'
        END AS left_out
    FROM source."Condition"
),

procedures AS (
    SELECT
        'Procedure' AS source_table,
        id,
        subject,
        lastUpdated,
        CAST(NULL AS VARCHAR) AS recorded,
        coalesce(performedDateTime, performedPeriod_start) AS event_date,
        code,
        CASE
            WHEN status = 'entered-in-error' THEN 'entered_in_error'
            WHEN status IN ('preparation', 'not-done', 'on-hold', 'stopped') THEN 'not_done'
        END AS left_out
    FROM source."Procedure"
),

reports AS (
    SELECT
        'DiagnosticReport' AS source_table,
        id,
        subject,
        lastUpdated,
        issued AS recorded,
        coalesce(effectiveDateTime, effectivePeriod_start) AS event_date,
        code,
        CASE
            WHEN status = 'entered-in-error' THEN 'entered_in_error'
            WHEN status IN ('registered', 'cancelled') THEN status
        END AS left_out
    FROM source."DiagnosticReport"
),

events AS (
    SELECT * FROM conditions
    UNION ALL
    SELECT * FROM procedures
    UNION ALL
    SELECT * FROM reports
),

repeated_hashes AS (
    SELECT hash(source_table, id) AS id_hash FROM events WHERE id IS NOT NULL GROUP BY id_hash HAVING count(*) > 1
),

known AS (
    SELECT
        events.*,
        repeated_hashes.id_hash IS NOT NULL AS is_repeated,
        CASE WHEN repeated_hashes.id_hash IS NULL THEN coalesce(events.recorded, events.lastUpdated)
            ELSE coalesce(events.lastUpdated, events.recorded) END AS recorded_at
    FROM events
    LEFT JOIN repeated_hashes ON hash(events.source_table, events.id) = repeated_hashes.id_hash
),

versions AS (
    SELECT *, is_repeated AND coalesce(as_day(recorded_at) <= getvariable('as_of'), TRUE) AS is_version FROM known
),

ranked AS (
    SELECT
        *,
        is_version AND rank() OVER (
            PARTITION BY source_table, id, is_version ORDER BY as_instant(recorded_at) DESC NULLS LAST
        ) > 1 AS is_outdated,
        is_version AND count(DISTINCT left_out IS NULL) OVER (
            PARTITION BY source_table, id, is_version, as_instant(recorded_at)
        ) > 1 AS is_conflicting
    FROM versions
    WHERE is_repeated
    UNION ALL
    SELECT *, FALSE, FALSE FROM versions WHERE NOT is_repeated
),

joined AS (
    SELECT ranked.*, reference_id(ranked.subject, 'Patient') AS named, concepts.vocabulary, concepts.code AS chosen_code
    FROM ranked
    LEFT JOIN concepts ON ranked.code = concepts.given
),

final AS (
    SELECT
        joined.source_table || '/' || joined.id AS event_id,
        coalesce(survivors.survivor, joined.named) AS patient_id,
        joined.event_date,
        joined.vocabulary,
        joined.chosen_code AS code,
        joined.recorded_at,
        joined.source_table,
        CASE
            WHEN joined.is_outdated THEN 'older_version'
            WHEN NOT joined.is_conflicting THEN joined.left_out
        END AS left_out,
        CASE
            WHEN joined.is_outdated THEN NULL
            WHEN joined.is_conflicting THEN 'conflicting_versions'
        END AS rejected
    FROM joined
    LEFT JOIN survivors ON joined.named = survivors.replaced
)

SELECT * FROM final
