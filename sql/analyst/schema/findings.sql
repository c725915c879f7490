-- One row an episode and rule: the verdict with its sentence, how urgent it is, where and since when, and its mark.
-- first_seen_on: As-of date of the release that first had it as a violation, an advisory or indeterminate; null if none had.
-- mark: Its last mark: seen, accepted, not_an_error or acted; null where nobody marked it.
-- mark_note: The note of the mark, or null.
-- mark_until: Last as-of date on which the mark holds; null where no end was said.
-- is_folded: Whether its mark folds it away; false where nobody marked it.
with final as (
    select
        findings.episode_id,
        findings.patient_id,
        episodes.site_id,
        episodes.stop_date,
        episodes.restart_date,
        findings.rule_id,
        findings.verdict,
        findings.reason,
        findings.event_date,
        findings.message,
        findings.next_change_on,
        urgency.urgency,
        urgency.urgency_reason,
        history.first_seen_on,
        marks.mark,
        marks.marked_by,
        marks.note as mark_note,
        marks.until as mark_until,
        coalesce(marks.is_folded, false) as is_folded
    from main.findings
    left join main.episodes on findings.episode_id = episodes.episode_id
    left join main.urgency on findings.episode_id = urgency.episode_id and findings.rule_id = urgency.rule_id
    left join main.history on findings.episode_id = history.episode_id and findings.rule_id = history.rule_id
    left join main.marks on findings.episode_id = marks.episode_id and findings.rule_id = marks.rule_id
)

select * from final
order by episode_id, rule_id
