-- How monitoring fades: for each slot of the schedule, how many were due and how many of them were met.
-- due: How many of these slots were due: met or missed.
-- met: How many were met.
-- missed: How many closed without a draw.
-- excused: How many were excused; they count neither way.
-- met_percent: Met slots in per cent of those due; null where none was.
with counted as (
    select
        rule_id,
        slot,
        count(*) filter (where status = 'met') as met,
        count(*) filter (where status = 'missed') as missed,
        count(*) filter (where status = 'excused') as excused
    from slots
    group by rule_id, slot
),

final as (
    select
        rule_id,
        slot,
        met + missed as due,
        met,
        missed,
        excused,
        round(100 * met / nullif(met + missed, 0), 1) as met_percent
    from counted
)

select * from final
where due + excused > 0
order by rule_id, slot
