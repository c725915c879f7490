-- The rate of one rule over the restarts from one day to another, with its Wilson 95 % interval; what could not be judged apart.
-- (rule): The rule's id.
-- (from): First restart date that counts; null for no first.
-- (to): Last restart date that counts; null for no last.
-- rule_id: The rule, as asked.
-- episodes: Episodes restarted in these days that the rule was asked of.
-- applicable: Those whose verdict is not not_applicable.
-- evaluable: Applicable and not indeterminate.
-- passed: Verdict pass.
-- advisory: Verdict advisory.
-- violation: Verdict violation.
-- indeterminate: Verdict indeterminate: neither for nor against.
-- rate_percent: Passed in per cent of the evaluable; null when nothing is evaluable.
-- rate_low_percent: Lower bound of its Wilson interval.
-- rate_high_percent: Upper bound of its Wilson interval.
with counted as (
    select
        count(*) as episodes,
        count(*) filter (where verdict <> 'not_applicable') as applicable,
        count(*) filter (where verdict not in ('not_applicable', 'indeterminate')) as evaluable,
        count(*) filter (where verdict = 'pass') as passed,
        count(*) filter (where verdict = 'advisory') as advisory,
        count(*) filter (where verdict = 'violation') as violation,
        count(*) filter (where verdict = 'indeterminate') as indeterminate
    from analyst.findings
    where
        findings.rule_id = cast(rule as varchar)
        and findings.restart_date >= coalesce(cast("from" as date), date '-infinity')
        and findings.restart_date <= coalesce(cast("to" as date), date 'infinity')
),

shared as (
    select
        *,
        cast(nullif(evaluable, 0) as double) as n,
        passed / nullif(evaluable, 0) as share,
        1.959963984540054 as z
    from counted
),

-- The Wilson score interval of a share of n.
spread as (
    select
        *,
        (share + z * z / (2 * n)) / (1 + z * z / n) as middle,
        z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n) as half
    from shared
),

final as (
    select
        cast(rule as varchar) as rule_id,
        episodes,
        applicable,
        evaluable,
        passed,
        advisory,
        violation,
        indeterminate,
        round(100 * share, 1) as rate_percent,
        case when n is not null then round(100 * greatest(middle - half, 0), 1) end as rate_low_percent,
        case when n is not null then round(100 * least(middle + half, 1), 1) end as rate_high_percent
    from spread
)

select * from final
