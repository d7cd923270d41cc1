-- 事件编号由来源与记录编号的散列而来，永不改变
select event_id
from core_event
where event_id is distinct from 'ev_' || left(sha256(source || chr(31) || source_record_id), 20)
