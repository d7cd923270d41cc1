-- 村社区属于所写的乡镇，乡镇属于所写的区县
with used as (
    select event_id as id, county_code, town_code, village_code from current_event
    union all
    select dispute_id, county_code, town_code, village_code from core_dispute
)
select id
from used
where left(village_code, 9) <> left(town_code, 9)
    or left(town_code, 6) <> county_code
    or left(village_code, 6) <> county_code
