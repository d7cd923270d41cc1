-- 被挂起或无法读取的文件没有记录流入湖中
select distinct concat_ws('/', source, delivery_date, file)
from raw_record
join raw_file using (source, delivery_date, file)
where raw_file.status <> 'accepted'
