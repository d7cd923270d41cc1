-- 归入纠纷的记录确实存在，且是纠纷
select event_id
from core_dispute_event
left join current_event using (event_id)
where current_event.is_dispute is distinct from true
