-- 不是纠纷的事件写明原因，是纠纷的没有
select event_id
from current_event
where is_dispute is null or is_dispute = (coalesce(not_dispute_reason, '') <> '')
