-- One row a monitoring slot of an episode: whose it is, on which day it was due, and whether it is about to close.
-- due_day: The day since the restart on which the draw is due.
-- days_left: Days from the end of what is observed to the end of the window; null unless it is still to come.
-- is_lapsing: Whether the drug is being taken and the window ends within a week, and not yet, without a draw so far.
with final as (
    select
        slots.episode_id,
        episodes.patient_id,
        episodes.site_id,
        episodes.restart_date,
        slots.* exclude (episode_id),
        slots.due_date - episodes.restart_date as due_day,
        case when slots.status = 'not_due' then slots.window_end - status_to_date.observed_to end as days_left,
        coalesce(
            slots.status = 'not_due'
            and episodes.censor_date is null
            and slots.window_end - status_to_date.observed_to between 1 and 7,
            false
        ) as is_lapsing
    from main.slots
    left join main.episodes on slots.episode_id = episodes.episode_id
    left join main.status_to_date on slots.episode_id = status_to_date.episode_id
)

select * from final
order by episode_id, rule_id, slot
