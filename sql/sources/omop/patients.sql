-- patients from person, observed from the first day of their observation periods to the last. Grain: a row of person.
-- A date that cannot be read stays as it is; a period without an end goes on.
WITH
sexes AS (SELECT * FROM reference.omop_concepts WHERE field = 'sex'),

observed AS (
    SELECT
        person_id,
        coalesce(
            max(CAST(observation_period_start_date AS VARCHAR)) FILTER (
                WHERE is_given(observation_period_start_date) AND as_day(observation_period_start_date) IS NULL
            ),
            CAST(min(as_day(observation_period_start_date)) AS VARCHAR)
        ) AS observation_start,
        CASE
            WHEN bool_and(is_given(observation_period_end_date)) THEN coalesce(
                max(CAST(observation_period_end_date AS VARCHAR))
                    FILTER (WHERE as_day(observation_period_end_date) IS NULL),
                CAST(max(as_day(observation_period_end_date)) AS VARCHAR)
            )
        END AS observation_end
    FROM source.observation_period
    GROUP BY person_id
),

dead AS (
    SELECT
        person_id,
        coalesce(
            CAST(min(coalesce(as_day(death_date), as_day(death_datetime))) AS VARCHAR),
            max(CAST(coalesce(given(death_date), given(death_datetime)) AS VARCHAR))
        ) AS death_date
    FROM source.death
    GROUP BY person_id
),

final AS (
    SELECT
        person.person_id AS patient_id,
        sexes.meaning AS sex,
        person.year_of_birth AS birth_year,
        CASE WHEN has_concept(person.care_site_id) THEN person.care_site_id END AS site_id,
        observed.observation_start,
        observed.observation_end,
        dead.death_date,
        'person' AS source_table
    FROM source.person
    LEFT JOIN sexes ON person.gender_concept_id = sexes.concept_id
    LEFT JOIN observed ON person.person_id = observed.person_id
    LEFT JOIN dead ON person.person_id = dead.person_id
)

SELECT * FROM final
