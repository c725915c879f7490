-- Monitoring windows that closed without a draw, with the patient and the day since restart on which the draw was due.
-- due_day: The day since the restart on which the draw was due.
select
    episodes.episode_id,
    episodes.patient_id,
    episodes.site_id,
    slots.rule_id,
    slots.slot,
    slots.due_date - episodes.restart_date as due_day,
    slots.window_start,
    slots.window_end
from slots
inner join episodes on slots.episode_id = episodes.episode_id
where slots.status = 'missed'
order by slots.window_end desc, episodes.episode_id, slots.rule_id, slots.slot
