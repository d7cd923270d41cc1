-- 每一条可采用的行都成为事件
select concat_ws('/', source, delivery_date, file, sheet, row_number)
from raw_record as record
where not exists (
    from core_event as event
    where event.source = record.source
        and event.delivery_date = record.delivery_date
        and event.file = record.file
        and event.sheet is not distinct from record.sheet
        and event.row_number = record.row_number
)
