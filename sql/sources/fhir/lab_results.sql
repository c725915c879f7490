-- Observation, what stands as such inside of another resource, and each of their components -> lab_results.
WITH
observations AS (
    SELECT *, 'Observation' AS source_table, 'Observation/' || row_number AS observation_row FROM source."Observation"
    UNION ALL BY NAME
    SELECT *, 'contained.Observation' AS source_table, 'contained/' || row_number AS observation_row
    FROM source."contained.Observation"
),

components AS (SELECT * FROM source."Observation.component"),

concepts AS (SELECT * FROM source.concepts WHERE table_name = 'lab_results'),

reference_ranges AS (SELECT * FROM source.reference_ranges),

survivors AS (SELECT * FROM source.survivors),

-- Hashes find the few ids that come more than once in a tenth of the memory that the ids would take.
repeated_hashes AS (SELECT hash(id) AS id_hash FROM observations WHERE id IS NOT NULL GROUP BY id_hash HAVING count(*) > 1),

-- Versions of one observation are told apart by their update; of the last one the parts may be other ones.
ranked AS (
    SELECT
        observations.observation_row,
        rank() OVER (
            PARTITION BY observations.id
            ORDER BY as_instant(coalesce(observations.lastUpdated, observations.issued)) DESC NULLS LAST
        ) AS recency
    FROM observations
    SEMI JOIN repeated_hashes ON hash(observations.id) = repeated_hashes.id_hash
    WHERE coalesce(as_day(coalesce(observations.lastUpdated, observations.issued)) <= getvariable('as_of'), TRUE)
),

outdated AS (SELECT observation_row FROM ranked WHERE recency > 1),

results AS (
    SELECT
        source_table,
        id,
        id AS result_id,
        lastUpdated,
        status,
        subject,
        coalesce(
            effectiveDateTime, effectivePeriod_start, effectiveInstant, json_extract_string(effectiveTiming, '$.event[0]')
        ) AS collected_at,
        issued,
        code,
        observed_value(observations) AS value,
        valueQuantity_comparator AS comparator,
        observed_unit(observations) AS unit,
        dataAbsentReason,
        referenceRange,
        FALSE AS is_outdated
    FROM observations
    UNION ALL
    SELECT
        'Observation.component',
        components.id,
        components.id || '#' || components.place,
        components.lastUpdated,
        components.status,
        components.subject,
        coalesce(
            components.effectiveDateTime,
            components.effectivePeriod_start,
            components.effectiveInstant,
            json_extract_string(components.effectiveTiming, '$.event[0]')
        ),
        components.issued,
        components.code,
        observed_value(components),
        components.valueQuantity_comparator,
        observed_unit(components),
        components.dataAbsentReason,
        components.referenceRange,
        outdated.observation_row IS NOT NULL
    FROM components
    LEFT JOIN outdated ON components.observation_row = outdated.observation_row
),

joined AS (
    SELECT
        results.*,
        coalesce(is_not_done(results.value), FALSE) OR (results.value IS NULL AND is_absent(results.dataAbsentReason))
            AS is_undone,
        coalesce(is_pending(results.value), FALSE) OR (results.value IS NULL AND is_awaited(results.dataAbsentReason))
            AS is_unready,
        reference_id(results.subject, 'Patient') AS named,
        concepts.vocabulary,
        concepts.code AS chosen_code,
        concepts.is_contradicting,
        reference_ranges.low,
        reference_ranges.high,
        repeated_hashes.id_hash IS NOT NULL AS is_repeated
    FROM results
    LEFT JOIN concepts ON results.code = concepts.given
    LEFT JOIN reference_ranges
        ON results.referenceRange = reference_ranges.given AND results.unit IS NOT DISTINCT FROM reference_ranges.unit
    LEFT JOIN repeated_hashes ON hash(results.id) = repeated_hashes.id_hash
),

final AS (
    SELECT
        joined.result_id,
        coalesce(survivors.survivor, joined.named) AS patient_id,
        joined.collected_at,
        joined.vocabulary,
        joined.chosen_code AS code,
        joined.value,
        joined.comparator,
        joined.unit,
        joined.low AS reference_low,
        joined.high AS reference_high,
        CASE
            WHEN joined.is_undone AND joined.status IS DISTINCT FROM 'entered-in-error' THEN 'cancelled'
            WHEN joined.status = 'amended' THEN 'corrected'
            WHEN joined.status = 'appended' THEN 'final'
            WHEN joined.status = 'unknown' THEN 'preliminary'
            ELSE joined.status
        END AS status,
        CASE
            WHEN joined.is_repeated THEN coalesce(joined.lastUpdated, joined.issued)
            ELSE coalesce(joined.issued, joined.lastUpdated)
        END AS recorded_at,
        joined.source_table,
        CASE
            WHEN joined.is_outdated THEN 'older_version'
            WHEN joined.status = 'registered' THEN 'registered'
            WHEN joined.is_unready AND NOT joined.is_undone AND joined.status NOT IN ('entered-in-error', 'cancelled')
                THEN 'registered'
        END AS left_out,
        CASE WHEN joined.is_contradicting THEN 'contradicting_codes' END AS rejected
    FROM joined
    LEFT JOIN survivors ON joined.named = survivors.replaced
)

SELECT * FROM final
