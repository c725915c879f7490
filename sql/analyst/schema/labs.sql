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

-- A course, and a restart, is the last one of the patient until the next begins.
taken as (
    select
        patient_id,
        start_date,
        last_dose_date,
        coalesce(lead(start_date) over (partition by patient_id order by start_date), date 'infinity') as next_start
    from main.courses
),

restarts as (
    select
        patient_id,
        episode_id,
        restart_date,
        coalesce(
            lead(restart_date) over (partition by patient_id order by restart_date), date 'infinity'
        ) as next_restart
    from main.episodes
),

final as (
    select
        results.patient_id,
        patients.site_id,
        results.* exclude (patient_id, is_above_uln, is_above_reference),
        results.is_above_uln,
        results.is_above_reference,
        coalesce(results.date <= taken.last_dose_date, false) as is_on_drug,
        restarts.episode_id,
        results.date - restarts.restart_date as day
    from results
    left join main.patients on results.patient_id = patients.patient_id
    left join taken
        on
            results.patient_id = taken.patient_id
            and results.date >= taken.start_date
            and results.date < taken.next_start
    left join restarts
        on
            results.patient_id = restarts.patient_id
            and results.date >= restarts.restart_date
            and results.date < restarts.next_restart
)

select * from final
order by patient_id, date, analyte, source_id
