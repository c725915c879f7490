-- Rejected rows of the extract, counted by table and reason.
-- row_count: How many rows were rejected for it.
select
    table_name,
    reason,
    count(*) as row_count,
    min(regexp_replace(detail, ': (file \d+ of \d+, )?line \d+$', '')) as detail
from rejects
group by table_name, reason
order by row_count desc, table_name, reason
