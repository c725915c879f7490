-- The patients of the table where there is one; else those whom messages name, as the PID says that came last. Grain: a
-- row of patients or pid. The reader gives pid no rows where the table is there.
WITH
given AS (SELECT * FROM source.patients),

pid AS (SELECT * FROM source.pid),

observations AS (SELECT * FROM source.observations WHERE NOT hl7_is_animal(species, species_text)),

days AS (
    SELECT patient_id, as_day(hl7_time(coalesce(observed_at, order_time, specimen_time))) AS collected_on FROM observations
),

-- A day before 1900 is the mistake of one result: it must not cost the patient.
first_days AS (
    SELECT patient_id, min(collected_on) AS first_day FROM days WHERE collected_on >= DATE '1900-01-01' GROUP BY patient_id
),

ordered AS (
    SELECT
        *,
        hl7_is_animal(species, species_text) AS is_animal,
        {'sent': coalesce(as_instant(hl7_time(sent_at)), CAST('-infinity' AS TIMESTAMPTZ)), 'row': row_number} AS rank
    FROM pid
),

-- An empty field says nothing new, an explicit null ("") takes back what was said.
known AS (
    SELECT
        patient_id,
        max(rank) AS rank,
        arg_max(sex, rank) AS sex,
        nullif(arg_max(birth_time, rank), '""') AS birth_time,
        nullif(arg_max(death_time, rank), '""') AS death_time
    FROM ordered
    WHERE NOT is_animal
    GROUP BY patient_id
),

from_messages AS (
    SELECT
        ordered.patient_id,
        CASE WHEN upper(known.sex) IN ('F', 'M') THEN upper(known.sex) END AS sex,
        regexp_extract(known.birth_time, '^\d{4}') AS birth_year,
        CAST(first_days.first_day AS VARCHAR) AS observation_start,
        hl7_time(known.death_time) AS death_date,
        'pid' AS source_table,
        CASE
            WHEN ordered.is_animal THEN 'not_a_person'
            WHEN ordered.rank <> known.rank THEN 'named_again'
        END AS left_out
    FROM ordered
    LEFT JOIN known ON ordered.patient_id IS NOT DISTINCT FROM known.patient_id
    LEFT JOIN first_days ON ordered.patient_id = first_days.patient_id
),

from_table AS (
    SELECT
        patient_id,
        sex,
        local_text(birth_year) AS birth_year,
        site_id,
        local_text(observation_start) AS observation_start,
        local_text(observation_end) AS observation_end,
        local_text(death_date) AS death_date,
        'patients' AS source_table
    FROM given
),

final AS (
    SELECT * FROM from_table
    UNION ALL BY NAME
    SELECT * FROM from_messages
)

SELECT * FROM final
