-- One row a course of the audited drug: its place among the patient's courses, and the restart that it is.
-- course: Number of the course within the patient, from 1.
-- days_off: Days without the drug since the course before; null of the first.
-- episode_id: The audit episode whose restart begins the course; null where its break is none.
with numbered as (
    select
        *,
        row_number() over following as course,
        start_date - lag(last_dose_date) over following - 1 as days_off
    from main.courses
    window following as (partition by patient_id order by start_date)
),

final as (
    select
        numbered.patient_id,
        patients.site_id,
        numbered.course,
        numbered.* exclude (patient_id, course, days_off),
        numbered.days_off,
        episodes.episode_id
    from numbered
    left join main.patients on numbered.patient_id = patients.patient_id
    left join main.episodes
        on numbered.patient_id = episodes.patient_id and numbered.start_date = episodes.restart_date
)

select * from final
order by patient_id, start_date
