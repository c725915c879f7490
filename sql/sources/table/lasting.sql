-- A site's own table of drugs with how long each record lasts, and whether it is seen in a better one. Grain: a row of it.
-- An end with an end_type of a stop or a discharge, with a reason, or of an administration is told; else the refills of an
-- order tell; else any end or supply; else the text. What is no version that counts covers nothing.
WITH
plain AS MATERIALIZED (SELECT * FROM source.plain),

codes AS (SELECT vocabulary, code FROM plain),

told AS (
    SELECT
        plain.*,
        hash(*COLUMNS(plain.* EXCLUDE (row_number))) AS content,
        lower(as_text(plain.kind)) AS record_type,
        as_day(plain.start_date) AS first_day,
        as_end(plain.end_date) AS stated_end,
        plausible_supply(as_number(plain.days_supply)) AS supply,
        names.concept,
        coalesce(as_day(plain.recorded_at) <= getvariable('as_of'), TRUE) AS is_recorded,
        coalesce(as_instant(plain.recorded_at), CAST('-infinity' AS TIMESTAMPTZ)) AS recorded
    FROM plain
    LEFT JOIN drug_concepts(codes) AS names ON plain.vocabulary = names.vocabulary AND plain.code = names.code
),

filled AS (
    SELECT
        *,
        fills_of(record_type, as_number(refills)) AS fills,
        is_given(end_date)
        AND (
            stated_end IS NULL
            OR coalesce(stated_end < first_day, TRUE)
            OR coalesce(lower(as_text(end_type)) IN ('explicit', 'discharge'), FALSE)
            OR is_given(stop_reason)
            OR coalesce(record_type = 'administration', FALSE)
        ) AS is_end_told
    FROM told
),

lasting AS (
    SELECT
        *,
        coalesce(fills > 1 AND supply > 1 AND NOT is_end_told, FALSE) AS is_refilled,
        CASE
            WHEN is_refilled THEN supply * fills
            WHEN is_given(end_date) OR supply IS NOT NULL THEN NULL
            WHEN record_type = 'administration' THEN 1
            ELSE plausible_supply(try_cast(length_days AS INTEGER))
        END AS days
    FROM filled
),

ended AS (
    SELECT
        * EXCLUDE (end_date, end_type),
        CASE WHEN days IS NULL THEN end_date ELSE CAST(first_day + CAST(days AS INTEGER) - 1 AS VARCHAR) END AS end_date,
        CASE WHEN days IS NULL THEN end_type ELSE 'supply' END AS end_type,
        CASE
            WHEN record_type NOT IN ('order', 'dispensing', 'administration', 'reported') THEN 'unknown_kind'
            WHEN is_given(refills) AND as_number(refills) IS NULL THEN 'not_a_number'
            WHEN record_type = 'dispensing' AND days IS NULL AND supply IS NULL AND NOT is_given(end_date) THEN 'unknown_supply'
        END AS broken
    FROM lasting
),

-- A drug that is on no list is not needed, and nothing is asked of it; but a name may look like one that is.
looking_alike AS (SELECT DISTINCT key FROM source.drug_names),

ranked AS MATERIALIZED (
    SELECT
        ended.* EXCLUDE (broken),
        CASE WHEN ended.concept IS NOT NULL OR looking_alike.key IS NOT NULL THEN ended.broken END AS broken,
        as_text(ended.exposure_id) AS id,
        rank() OVER (PARTITION BY as_text(ended.exposure_id), ended.is_recorded ORDER BY ended.recorded DESC) = 1 AS is_latest
    FROM ended
    LEFT JOIN looking_alike
        ON as_text(ended.vocabulary) = 'name' AND code_key('name', as_text(ended.code)) = looking_alike.key
),

rivals AS (
    SELECT id, count(DISTINCT content) > 1 AS is_conflicting FROM ranked WHERE is_recorded AND is_latest GROUP BY id
),

spans AS (
    SELECT
        ranked.row_number,
        as_text(ranked.patient_id) AS person_id,
        ranked.concept,
        kind_of(ranked.record_type) AS kind,
        ranked.record_type,
        ranked.first_day,
        CASE
            WHEN is_given(ranked.end_date) THEN as_end(ranked.end_date)
            WHEN ranked.supply IS NOT NULL THEN ranked.first_day + CAST(ranked.supply AS INTEGER) - 1
            ELSE DATE '9999-12-31'
        END AS last_day,
        ranked.broken IS NULL
        AND coalesce(NOT is_given(ranked.end_date) OR as_end(ranked.end_date) >= ranked.first_day, FALSE) AS is_usable
    FROM ranked
    INNER JOIN rivals ON ranked.id = rivals.id
    WHERE ranked.is_recorded AND ranked.is_latest AND NOT rivals.is_conflicting
),

seen AS (SELECT row_number, seen_as FROM seen_elsewhere(spans)),

-- Where the latest version of an id is seen elsewhere, an older one does not come back.
gone AS (SELECT DISTINCT ranked.id FROM ranked SEMI JOIN seen ON ranked.row_number = seen.row_number),

final AS (
    SELECT
        ranked.* EXCLUDE (
            kind, refills, length_days, content, record_type, first_day, stated_end, supply, concept, is_recorded,
            recorded, fills, is_end_told, is_refilled, days, broken, id, is_latest
        ),
        CASE WHEN ranked.is_refilled THEN 'refills' END AS length_basis,
        CASE
            WHEN seen.seen_as IS NOT NULL THEN 'seen_as_' || seen.seen_as
            WHEN gone.id IS NOT NULL AND ranked.is_recorded AND NOT ranked.is_latest THEN 'older_version'
        END AS left_out,
        CASE WHEN seen.seen_as IS NULL THEN ranked.broken END AS rejected
    FROM ranked
    LEFT JOIN seen ON ranked.row_number = seen.row_number
    LEFT JOIN gone ON ranked.id = gone.id
)

SELECT * EXCLUDE (row_number) FROM final ORDER BY row_number
