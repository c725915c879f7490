-- One row a laboratory result: its multiples, whether it is raised, whether the drug was being taken, and after which restart.
-- is_above_uln: Whether it lies above its ULN; null where it has none, or a comparator leaves it open.
-- is_above_reference: Whether it lies above its effective reference E; null where it has none, or a comparator leaves it open.
-- is_on_drug: Whether its day lies within a course of the audited drug.
-- episode_id: The last restart on or before its day that is an audit episode; null where there is none.
-- day: Days since that restart.
with results as (
    select
        *,
        case
            when comparator is null then x_uln > 1
            when comparator in ('<', '<=') and x_uln <= 1 then false
            when comparator = '>' and x_uln >= 1 then true
            when comparator = '>=' and x_uln > 1 then true
        end as is_above_uln,
        case
            when comparator is null then x_reference > 1
            when comparator in ('<', '<=') and x_reference <= 1 then false
            when comparator = '>' and x_reference >= 1 then true
            when comparator = '>=' and x_reference > 1 then true
        end as is_above_reference
    from main.labs
),

final as (
    select
        results.patient_id,
        patients.site_id,
        results.* exclude (patient_id, is_above_uln, is_above_reference),
        results.is_above_uln,
        results.is_above_reference,
        coalesce(results.date <= courses.last_dose_date, false) as is_on_drug,
        episodes.episode_id,
        results.date - episodes.restart_date as day
    from results
    left join main.patients on results.patient_id = patients.patient_id
    asof left join main.courses on results.patient_id = courses.patient_id and results.date >= courses.start_date
    asof left join main.episodes on results.patient_id = episodes.patient_id and results.date >= episodes.restart_date
)

select * from final
order by patient_id, date, analyte, source_id
