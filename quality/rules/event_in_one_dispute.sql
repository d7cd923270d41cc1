-- 一条记录只归入一个纠纷
select event_id
from core_dispute_event
group by event_id
having count(*) > 1
