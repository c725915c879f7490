-- One row an audit episode: all that is told of it, what moves with the day, how urgent it is, and who the patient is.
-- last_dose_date: Last dose day of the restart course, as far as observed, also while the course runs.
-- observed_to: Earliest of observation end, death, the as-of date and the day on which the extract was taken.
-- censor_date: Earlier of last_dose_date and observed_to, also while the course runs.
-- longest_draw_gap_days: Longest stretch in days without a draw from the restart to the censor date, also while the course runs.
-- days_covered: Days of the restart course that a record covers, also while the course runs.
-- is_running: Whether the drug is being taken at observed_to, observation goes on, and no death is told.
-- age_at_restart: Calendar year of the restart less that of birth; null where either is not known.
with final as (
    select
        episodes.* exclude (last_dose_date, observed_to, censor_date, longest_draw_gap_days, days_covered),
        status_to_date.last_dose_date,
        status_to_date.observed_to,
        status_to_date.censor_date,
        status_to_date.longest_draw_gap_days,
        status_to_date.days_covered,
        status_to_date.urgency,
        status_to_date.urgency_reason,
        episodes.censor_date is null and status_to_date.censor_date is not null as is_running,
        patients.sex,
        patients.birth_year,
        year(episodes.restart_date) - patients.birth_year as age_at_restart
    from main.episodes
    left join main.status_to_date on episodes.episode_id = status_to_date.episode_id
    left join main.patients on episodes.patient_id = patients.patient_id
)

select * from final
order by episode_id
