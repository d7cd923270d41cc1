-- 每条记录恰有一个现行版本
select coalesce(version.event_id, current.event_id)
from (select distinct event_id from core_event) as version
full join (select event_id, count(*) as versions from current_event group by all) as current using (event_id)
where versions is distinct from 1 or version.event_id is null
