-- 每一行隔离都写明原因
select concat_ws('/', source, delivery_date, file, sheet, row_number)
from raw_row
where disposition = 'quarantined' and (coalesce(rule, '') = '' or coalesce(reason, '') = '')
