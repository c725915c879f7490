-- Results of the laboratory, and body weights. Grain: a row of labevents, or of omr.
WITH
labevents AS (SELECT * FROM source.labevents),

omr AS (SELECT * FROM source.omr),

serologies AS (
    SELECT DISTINCT key AS itemid
    FROM resolved.code_keys
    WHERE
        table_name = 'lab_results'
        AND vocabulary = 'MIMIC-IV'
        AND list_contains(getvariable('serologies'), concept)
),

-- The text that a limit may stand in: the value, or the comment where the value is taken out or absent.
worded AS (
    SELECT
        *,
        coalesce(said(value), said(comments)) AS words,
        is_given(valuenum) AS is_numeric,
        NOT is_given(valuenum) AND said(value) IS NULL AND says_no_result(comments) AS is_without_result
    FROM labevents
),

bounded AS (SELECT *, beyond_range(words) AS bound FROM worded),

results AS (
    SELECT
        bounded.labevent_id AS result_id,
        bounded.subject_id AS patient_id,
        local_text(bounded.charttime) AS collected_at,
        'MIMIC-IV' AS vocabulary,
        bounded.itemid AS code,
        CASE
            WHEN bounded.is_numeric THEN CAST(bounded.valuenum AS VARCHAR)
            ELSE coalesce(nullif(replace(bounded.bound.number, ',', ''), ''), said(bounded.value))
        END AS value,
        CASE
            WHEN
                NOT bounded.is_numeric
                OR as_number(replace(bounded.bound.number, ',', '')) = as_number(bounded.valuenum)
                THEN comparator_of(bounded.bound.comparator)
        END AS comparator,
        bounded.valueuom AS unit,
        as_number(bounded.ref_range_lower) AS reference_low,
        bounded.ref_range_upper AS reference_high,
        -- A serology counts whatever its value: one that was not done must not.
        CASE WHEN bounded.is_without_result AND serologies.itemid IS NOT NULL THEN 'cancelled' ELSE 'final' END
            AS status,
        local_text(bounded.storetime) AS recorded_at,
        'labevents' AS source_table,
        CAST(NULL AS VARCHAR) AS left_out,
        -- A bound in the value's own text beside another number: a bound of what cannot be known.
        CASE
            WHEN as_number(replace(beyond_range(said(bounded.value)).number, ',', '')) <> as_number(bounded.valuenum)
                THEN 'contradicting_comparator'
        END AS rejected
    FROM bounded
    LEFT JOIN serologies ON bounded.itemid = serologies.itemid
),

weights AS (
    SELECT
        'omr:' || concat_ws('-', subject_id, local_text(chartdate), seq_num) AS result_id,
        subject_id AS patient_id,
        local_text(chartdate) AS collected_at,
        'concept' AS vocabulary,
        'body_weight' AS code,
        result_value AS value,
        CAST(NULL AS VARCHAR) AS comparator,
        '[lb_av]' AS unit,
        NULL AS reference_low,
        NULL AS reference_high,
        'final' AS status,
        CAST(NULL AS VARCHAR) AS recorded_at,
        'omr' AS source_table,
        CASE WHEN coalesce(lower(as_text(result_name)), '') <> 'weight (lbs)' THEN 'not_a_weight' END AS left_out,
        CAST(NULL AS VARCHAR) AS rejected
    FROM omr
),

final AS (
    SELECT * FROM results
    UNION ALL
    SELECT * FROM weights
)

SELECT * FROM final
