-- 每条纠纷记录都归入一个纠纷
select event_id
from current_event
where is_dispute and event_id not in (select event_id from core_dispute_event)
