-- One row a rule with a verdict, over the whole cohort: denominators, verdicts, and the rate with its Wilson 95 % interval in per cent.
-- rate_percent: The rate in per cent; null when nothing is evaluable.
-- rate_low_percent: Lower bound of its Wilson interval.
-- rate_high_percent: Upper bound of its Wilson interval.
select
    rule_id,
    episodes,
    applicable,
    evaluable,
    passed,
    advisory,
    violation,
    indeterminate,
    round(100 * rate, 1) as rate_percent,
    round(100 * rate_low, 1) as rate_low_percent,
    round(100 * rate_high, 1) as rate_high_percent
from measures
where stratum = 'overall' and violation is not null
order by rule_id
