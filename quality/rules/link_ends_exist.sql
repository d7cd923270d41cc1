-- 打分的记录对两端的记录都存在
select concat_ws('+', event_id_l, event_id_r)
from core_link
where event_id_l not in (select event_id from current_event)
    or event_id_r not in (select event_id from current_event)
