-- Every finding beside the source rows that it rests on: the extract's table and row id, date, value and limit.
select
    findings.episode_id,
    findings.patient_id,
    findings.rule_id,
    findings.verdict,
    findings.reason,
    evidence.role,
    evidence.source_table,
    evidence.source_id,
    evidence.date,
    evidence.concept,
    evidence.comparator,
    evidence.value,
    evidence.unit,
    evidence.x_uln,
    evidence.x_reference,
    evidence.limit_value
from findings
inner join evidence
    on findings.episode_id = evidence.episode_id and findings.rule_id = evidence.rule_id
order by findings.episode_id, findings.rule_id, evidence.date, evidence.role, evidence.source_id, evidence.source_table
