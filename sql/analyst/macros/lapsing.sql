-- What can still be prevented: open windows of courses that run and end in the next days, and symptoms that wait for tests.
-- (days): How many days after the end of what is observed a window may end.
-- what: slot, or symptom: one that waits for liver tests, which has no window.
-- days_left: Days from the end of what is observed to the end of the window; null of a symptom.
-- message: The finding's sentence now.
with windows as (
    select
        slots.episode_id,
        slots.rule_id,
        'slot' as what,
        slots.slot,
        slots.due_date,
        slots.window_start,
        slots.window_end,
        slots.days_left
    from analyst.slots
    inner join analyst.episodes on slots.episode_id = episodes.episode_id
    where episodes.is_running and slots.days_left between 1 and days
),

symptoms as (
    select
        urgency.episode_id,
        urgency.rule_id,
        'symptom' as what
    from main.urgency
    anti join main.slots on urgency.episode_id = slots.episode_id and urgency.rule_id = slots.rule_id
    where urgency.urgency = 'lapsing'
),

waiting as (
    from windows
    union all by name
    from symptoms
),

final as (
    select
        waiting.episode_id,
        findings.patient_id,
        findings.site_id,
        waiting.rule_id,
        waiting.what,
        waiting.slot,
        waiting.due_date,
        waiting.window_start,
        waiting.window_end,
        waiting.days_left,
        findings.message,
        findings.mark
    from waiting
    left join analyst.findings on waiting.episode_id = findings.episode_id and waiting.rule_id = findings.rule_id
)

select * from final
order by days_left nulls last, episode_id, rule_id, slot
