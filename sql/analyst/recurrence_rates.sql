-- Recurrence after restart, for the cohort and by regimen, with its Wilson 95 % interval in per cent.
-- rate_percent: The rate in per cent; null when nothing is evaluable.
-- rate_low_percent: Lower bound of its Wilson interval.
-- rate_high_percent: Upper bound of its Wilson interval.
select
    stratum,
    level,
    episodes,
    evaluable,
    round(100 * rate, 1) as rate_percent,
    round(100 * rate_low, 1) as rate_low_percent,
    round(100 * rate_high, 1) as rate_high_percent
from measures
where rule_id = 'recurrence' or stratum = 'regimen'
order by stratum, level
