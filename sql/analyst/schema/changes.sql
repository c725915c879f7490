-- One row a finding that is not what it was in the release before: what it was, what it is, why, and the sentence now.
-- site_id: The patient's site, or null.
-- restart_date: First day of the restart course (day 0); null where the episode is gone.
-- message: Its sentence now; null where the finding is gone.
with final as (
    select
        changes.episode_id,
        changes.rule_id,
        changes.patient_id,
        patients.site_id,
        episodes.restart_date,
        changes.* exclude (episode_id, rule_id, patient_id),
        findings.message
    from main.changes
    left join main.patients on changes.patient_id = patients.patient_id
    left join main.episodes on changes.episode_id = episodes.episode_id
    left join main.findings on changes.episode_id = findings.episode_id and changes.rule_id = findings.rule_id
)

select * from final
order by episode_id, rule_id
