-- One row a finding that people marked: what they said of it, whether that still holds, and what the finding is now.
-- patient_id: The patient; null where the finding is gone.
-- site_id: The patient's site, or null.
-- verdict: Its verdict now; null where the finding is gone.
-- message: Its sentence now; null where the finding is gone.
with final as (
    select
        marks.episode_id,
        marks.rule_id,
        findings.patient_id,
        episodes.site_id,
        marks.* exclude (episode_id, rule_id),
        findings.verdict,
        findings.reason,
        findings.event_date,
        findings.message
    from main.marks
    left join main.findings on marks.episode_id = findings.episode_id and marks.rule_id = findings.rule_id
    left join main.episodes on marks.episode_id = episodes.episode_id
)

select * from final
order by episode_id, rule_id
