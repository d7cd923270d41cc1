-- 人工裁定为不同的两条记录不在同一纠纷
select concat_ws('+', link.event_id_l, link.event_id_r)
from core_link as link
join core_dispute_event as l on l.event_id = link.event_id_l
join core_dispute_event as r on r.event_id = link.event_id_r and r.dispute_id = l.dispute_id
where link.decided_by = 'verdict' and link.match_weight < 0
