-- 每份交付文件：读入行数 = 可采用 + 忽略 + 隔离
select concat_ws('/', source, delivery_date, file)
from raw_file
where rows_read is distinct from rows_valid + rows_ignored + rows_quarantined
