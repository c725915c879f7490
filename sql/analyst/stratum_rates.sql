-- One row a rule and level of a stratum (site, indication, grade, month, regimen), beside the rate of the whole cohort.
-- rate_percent: The rate in per cent; null when nothing is evaluable.
-- rate_low_percent: Lower bound of its Wilson interval.
-- rate_high_percent: Upper bound of its Wilson interval.
-- overall_rate_percent: The rate of the whole cohort in per cent.
with overall as (
    select * from measures where stratum = 'overall'
),

strata as (
    select * from measures where stratum <> 'overall'
),

final as (
    select
        strata.stratum,
        strata.level,
        strata.rule_id,
        strata.applicable,
        strata.evaluable,
        strata.passed,
        strata.violation,
        round(100 * strata.rate, 1) as rate_percent,
        round(100 * strata.rate_low, 1) as rate_low_percent,
        round(100 * strata.rate_high, 1) as rate_high_percent,
        round(100 * overall.rate, 1) as overall_rate_percent
    from strata
    inner join overall on strata.rule_id = overall.rule_id
)

select * from final
order by stratum, level, rule_id
