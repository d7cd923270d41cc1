-- 打分的记录对两端不同、次序固定、不重复
select concat_ws('+', event_id_l, event_id_r)
from core_link
group by event_id_l, event_id_r
having count(*) > 1 or event_id_l is null or event_id_r is null or event_id_l >= event_id_r
