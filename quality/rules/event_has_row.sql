-- 每个事件版本都来自一条可采用的行
select concat_ws('/', source, delivery_date, file, sheet, row_number)
from core_event as event
where not exists (
    from raw_record as record
    where record.source = event.source
        and record.delivery_date = event.delivery_date
        and record.file = event.file
        and record.sheet is not distinct from event.sheet
        and record.row_number = event.row_number
)
