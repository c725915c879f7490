-- One row an episode: the restart in a line, and the rules that it broke, half broke or could not be held to.
-- violations: The rules that it broke, by id.
-- advisories: The rules that it half broke, by id.
-- indeterminate: The rules that it could not be held to, by id.
with verdicts as (
    select
        episode_id,
        list(rule_id order by rule_id) filter (where verdict = 'violation') as violations,
        list(rule_id order by rule_id) filter (where verdict = 'advisory') as advisories,
        list(rule_id order by rule_id) filter (where verdict = 'indeterminate') as indeterminate
    from findings
    group by episode_id
),

final as (
    select
        episodes.episode_id,
        episodes.patient_id,
        episodes.site_id,
        episodes.stop_date,
        episodes.restart_date,
        episodes.break_days,
        episodes.grade,
        round(episodes.peak_x_uln, 1) as peak_x_uln,
        episodes.injury_pattern,
        episodes.dose_before_mg,
        episodes.dose_restart_mg,
        episodes.recurrence,
        coalesce(verdicts.violations, []) as violations,
        coalesce(verdicts.advisories, []) as advisories,
        coalesce(verdicts.indeterminate, []) as indeterminate
    from episodes
    left join verdicts on episodes.episode_id = verdicts.episode_id
)

select * from final
order by episode_id
