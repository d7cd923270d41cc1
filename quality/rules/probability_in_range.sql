-- 匹配概率在 0 到 1 之间
select concat_ws('+', event_id_l, event_id_r)
from core_link
where match_probability is null or isnan(match_probability) or match_probability not between 0 and 1
union all
select event_id
from core_dispute_event
where match_probability is null or isnan(match_probability) or match_probability not between 0 and 1
