-- One row a finding that ever was a violation, an advisory or indeterminate: since when, how long it was open, and its sentence now.
-- site_id: The patient's site, or null.
-- is_open: Whether it is open: not resolved.
-- days_open: Days from first_seen_on until it was resolved, or until the as-of date.
-- reason: Its reason now; null where the finding is gone.
-- message: Its sentence now; null where the finding is gone.
with today as (
    select cast(value as date) as as_of from main.about where name = 'as_of'
),

final as (
    select
        history.episode_id,
        history.rule_id,
        history.patient_id,
        patients.site_id,
        history.* exclude (episode_id, rule_id, patient_id),
        history.resolved_on is null as is_open,
        coalesce(history.resolved_on, today.as_of) - history.first_seen_on as days_open,
        findings.reason,
        findings.message
    from main.history
    left join today on true
    left join main.patients on history.patient_id = patients.patient_id
    left join main.findings on history.episode_id = findings.episode_id and history.rule_id = findings.rule_id
)

select * from final
order by episode_id, rule_id
