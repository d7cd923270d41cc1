-- 记录所归入的纠纷确实存在
select event_id
from core_dispute_event
where dispute_id is null or dispute_id not in (select dispute_id from core_dispute)
