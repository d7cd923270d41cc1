-- 每份文件登记的可采用行数，与其记录数相符
with record as (
    select source, delivery_date, file, count(*) as record_count
    from raw_record
    group by all
)
select concat_ws('/', source, delivery_date, file)
from raw_file
full join record using (source, delivery_date, file)
where coalesce(record_count, 0) is distinct from coalesce(rows_valid, 0)
