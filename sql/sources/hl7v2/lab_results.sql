-- Results from messages, and from a table of results where there is one. Grain: a row of observations or lab_results,
-- and a message that is left out.
WITH
observations AS (SELECT * FROM source.observations),

given AS (SELECT * FROM source.lab_results),

messages AS (SELECT * FROM source.messages WHERE left_out IS NOT NULL),

codings AS (
    SELECT DISTINCT code, text, system, code_2, text_2, system_2, code_3, text_3, system_3 FROM observations
),

-- A text alone is a code of the laboratory's own.
candidates AS (
    SELECT *, 1 AS place, hl7_vocabulary(system) AS vocabulary, code AS candidate FROM codings WHERE code IS NOT NULL
    UNION ALL
    SELECT *, 2, hl7_vocabulary(system_2), code_2 FROM codings WHERE code_2 IS NOT NULL
    UNION ALL
    SELECT *, 3, hl7_vocabulary(system_3), code_3 FROM codings WHERE code_3 IS NOT NULL
    UNION ALL
    SELECT *, 4, 'local', coalesce(text, text_2, text_3) FROM codings WHERE coalesce(code, code_2, code_3) IS NULL
),

keyed AS (
    SELECT *, 'lab_results' AS table_name, vocabulary AS list, code_key(vocabulary, candidate) AS key FROM candidates
),

listed AS (
    SELECT *, CAST(NULL AS VARCHAR) AS concept FROM keyed
    UNION ALL
    SELECT * FROM listed_codes(keyed)
),

-- The first coding that is on a list, else the first.
chosen AS (
    SELECT
        * EXCLUDE (place, vocabulary, candidate, table_name, list, key, concept),
        arg_min({'vocabulary': vocabulary, 'code': candidate}, {'is_unlisted': concept IS NULL, 'place': place}) AS coding,
        count(DISTINCT concept) > 1 AS is_contradicting
    FROM listed
    GROUP BY ALL
),

-- One number given by two authorities is of two people, or nobody can tell.
ambiguous AS (
    SELECT patient_id
    FROM observations
    GROUP BY patient_id
    HAVING count(DISTINCT coalesce(nullif(split_part(upper(patient_authority), '&', 1), ''), patient_authority)) > 1
),

read AS (
    SELECT
        observations.*,
        ambiguous.patient_id IS NOT NULL AS is_ambiguous,
        chosen.coding.vocabulary AS vocabulary,
        chosen.coding.code AS chosen_code,
        chosen.is_contradicting,
        hl7_time(coalesce(observed_at, order_time, specimen_time)) AS collected_at,
        hl7_unit(unit, unit_text, unit_system, unit_2, unit_system_2) AS read_unit,
        coalesce(observations.code, observations.code_2, observations.code_3, observations.text) AS own_code
    FROM observations
    LEFT JOIN chosen
        ON
            observations.code IS NOT DISTINCT FROM chosen.code
            AND observations.text IS NOT DISTINCT FROM chosen.text
            AND observations.system IS NOT DISTINCT FROM chosen.system
            AND observations.code_2 IS NOT DISTINCT FROM chosen.code_2
            AND observations.text_2 IS NOT DISTINCT FROM chosen.text_2
            AND observations.system_2 IS NOT DISTINCT FROM chosen.system_2
            AND observations.code_3 IS NOT DISTINCT FROM chosen.code_3
            AND observations.text_3 IS NOT DISTINCT FROM chosen.text_3
            AND observations.system_3 IS NOT DISTINCT FROM chosen.system_3
    LEFT JOIN ambiguous ON observations.patient_id = ambiguous.patient_id
),

from_messages AS (
    SELECT
        -- The same result sent again is a version of the same id. One order of the ward's may stand for many draws, so that
        -- without the laboratory's own number the time tells them apart: a result that comes twice is seen, a lost one not.
        CASE
            WHEN instance_id IS NOT NULL THEN concat_ws('|', hl7_part(patient_id), hl7_part(instance_id))
            ELSE concat_ws(
                '|', hl7_part(patient_id), hl7_part(coalesce(filler_number, concat_ws('@', placer_number, collected_at))), hl7_part(own_code), hl7_part(sub_id)
            )
        END AS result_id,
        patient_id,
        collected_at,
        vocabulary,
        chosen_code AS code,
        hl7_value(value_type, value, value_count, comparator, number_1, separator, number_2) AS value,
        hl7_comparator(value_type, comparator) AS comparator,
        read_unit AS unit,
        hl7_range(reference_range, read_unit).low AS reference_low,
        hl7_range(reference_range, read_unit).high AS reference_high,
        hl7_status(result_status, order_status, value) AS status,
        hl7_time(coalesce(sent_at, reported_at)) AS recorded_at,
        coalesce(performer, producer, facility) AS laboratory_id,
        'observations' AS source_table,
        CASE
            WHEN hl7_is_animal(species, species_text) THEN 'not_a_person'
            ELSE hl7_no_result(result_status, order_status, value)
        END AS left_out,
        CASE
            WHEN hl7_is_animal(species, species_text) THEN NULL
            WHEN is_ambiguous THEN 'ambiguous_patient'
            WHEN is_contradicting THEN 'contradicting_codes'
        END AS rejected
    FROM read
),

from_table AS (
    SELECT
        result_id,
        patient_id,
        local_text(collected_at) AS collected_at,
        vocabulary,
        code,
        local_text(value) AS value,
        comparator,
        unit,
        local_text(reference_low) AS reference_low,
        local_text(reference_high) AS reference_high,
        status,
        local_text(recorded_at) AS recorded_at,
        laboratory_id,
        'lab_results' AS source_table
    FROM given
),

no_results AS (SELECT control_id AS result_id, 'messages' AS source_table, left_out FROM messages),

final AS (
    SELECT * FROM from_messages
    UNION ALL BY NAME
    SELECT * FROM from_table
    UNION ALL BY NAME
    SELECT * FROM no_results
)

SELECT * FROM final
