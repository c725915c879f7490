-- patients from person, observed from the first day of their observation periods to the last. Grain: a row of person.
-- A date that cannot be read stays as it is. A CDM closes each period on the day of its extraction at the latest: one
-- that reaches the end of the feed goes on, and so does one without an end. Of several deaths the latest that stands counts.
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
        coalesce(
            max(CAST(observation_period_end_date AS VARCHAR)) FILTER (
                WHERE is_given(observation_period_end_date) AND as_day(observation_period_end_date) IS NULL
            ),
            CASE
                WHEN
                    bool_and(is_given(observation_period_end_date))
                    AND max(as_day(observation_period_end_date)) < getvariable('feed_end')
                    THEN CAST(max(as_day(observation_period_end_date)) AS VARCHAR)
            END
        ) AS observation_end
    FROM source.observation_period
    GROUP BY person_id
),

dead AS (
    SELECT
        person_id,
        coalesce(
            CAST(arg_min(as_day(death_date), death_order(as_day(death_date))) AS VARCHAR),
            max(CAST(death_date AS VARCHAR))
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
