-- Violations to look at, the most recent event first: who, which rule, since when, the sentence.
with violations as (
    select * from findings where verdict = 'violation'
),

final as (
    select
        violations.episode_id,
        violations.patient_id,
        episodes.site_id,
        episodes.restart_date,
        violations.rule_id,
        violations.reason,
        violations.event_date,
        violations.message
    from violations
    inner join episodes on violations.episode_id = episodes.episode_id
)

select * from final
order by event_date desc nulls last, episode_id, rule_id
