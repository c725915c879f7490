-- From breaks to episodes: how many breaks, and of how many patients, fell into each class.
-- breaks: How many breaks are of this class.
-- patients: How many patients have one.
-- breaks_percent: Their share of all breaks, in per cent.
select
    break_class,
    count(*) as breaks,
    count(distinct patient_id) as patients,
    round(100 * count(*) / sum(count(*)) over (), 1) as breaks_percent
from breaks
group by break_class
order by breaks desc, break_class
