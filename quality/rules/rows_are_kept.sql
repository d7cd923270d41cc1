-- 每份交付文件登记的行数，与逐行保存的去向相符
with kept as (
    select
        source, delivery_date, file,
        count(*) filter (where disposition = 'accepted') as valid_count,
        count(*) filter (where disposition = 'ignored') as ignored_count,
        count(*) filter (where disposition = 'quarantined') as quarantined_count,
        count(*) as row_count
    from raw_row
    where row_number is not null -- a file that cannot be read leaves one row without a number
    group by all
)
select concat_ws('/', source, delivery_date, file)
from raw_file
full join kept using (source, delivery_date, file)
where raw_file.signature is null
    or (raw_file.status <> 'quarantined' and (
        coalesce(valid_count, 0) <> rows_valid
        or coalesce(ignored_count, 0) <> rows_ignored
        or coalesce(quarantined_count, 0) <> rows_quarantined
        or coalesce(row_count, 0) <> rows_read
    ))
