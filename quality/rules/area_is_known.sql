-- 区县、乡镇、村社区代码都在区划代码表内
with used as (
    select event_id as id, unnest([county_code, town_code, village_code]) as area_code from current_event
    union all
    select dispute_id, unnest([county_code, town_code, village_code]) from core_dispute
    union all
    select warning_id, area_code from core_warning
)
select distinct id
from used
where area_code is not null and area_code not in (select area_code from known_area)
