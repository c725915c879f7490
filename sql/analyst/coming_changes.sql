-- Findings that time alone may change, the next one first.
select
    next_change_on,
    episode_id,
    patient_id,
    rule_id,
    verdict,
    reason,
    message
from findings
where next_change_on is not null
order by next_change_on, episode_id, rule_id
