-- From breaks to episodes: how many breaks, and of how many patients, fell into each class.
select
    break_class,
    count(*) as breaks,
    count(distinct patient_id) as patients,
    round(100 * count(*) / sum(count(*)) over (), 1) as breaks_percent
from breaks
group by break_class
order by breaks desc, break_class
