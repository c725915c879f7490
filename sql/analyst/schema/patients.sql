-- One row a patient who ever took the audited drug: who they are, and what the release holds of them.
-- courses: How many courses of the audited drug they had.
-- last_dose_date: Last dose day of the last course, as far as observed; null without a course.
-- is_on_drug: Whether the last course runs on at the end of what is observed, and neither death nor observation end came.
-- episodes: How many audit episodes they have.
-- last_restart_date: The newest restart that is an audit episode; null without one.
-- results: How many laboratory results of a listed concept they have.
-- newest_result_date: The newest of these results; null without one.
with today as (
    select cast(value as date) as as_of from main.about where name = 'as_of'
),

taken as (
    select
        patient_id,
        count(*) as courses,
        max(last_dose_date) as last_dose_date,
        arg_max(end_type, start_date) as end_type
    from main.courses
    group by patient_id
),

restarts as (
    select
        patient_id,
        count(*) as episodes,
        max(restart_date) as last_restart_date
    from main.episodes
    group by patient_id
),

measured as (
    select
        patient_id,
        count(*) as results,
        max(date) as newest_result_date
    from main.labs
    group by patient_id
),

final as (
    select
        patients.*,
        coalesce(taken.courses, 0) as courses,
        taken.last_dose_date,
        coalesce(taken.end_type = 'ongoing', false)
        and (patients.death_date is null or patients.death_note is not null)
        and (patients.observation_end is null or patients.observation_end > today.as_of) as is_on_drug,
        coalesce(restarts.episodes, 0) as episodes,
        restarts.last_restart_date,
        coalesce(measured.results, 0) as results,
        measured.newest_result_date
    from main.patients
    cross join today
    left join taken on patients.patient_id = taken.patient_id
    left join restarts on patients.patient_id = restarts.patient_id
    left join measured on patients.patient_id = measured.patient_id
)

select * from final
order by patient_id
