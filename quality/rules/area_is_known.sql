-- 区县、乡镇、村社区代码都在区划代码表内；没有代码的来源按地名计数的预警，所写地名确有来源写过
with used as (
    select event_id as id, unnest([county_code, town_code, village_code]) as area_code from current_event
    union all
    select dispute_id, unnest([county_code, town_code, village_code]) from core_dispute
    union all
    select warning_id, area_code from core_warning where regexp_full_match(area_code, '[0-9]+')
),

named as (
    select warning_id as id, area_code as name
    from core_warning
    where not regexp_full_match(area_code, '[0-9]+')
),

written as (
    select unnest([county_name, town_name, village_name]) as name
    from (select distinct county_name, town_name, village_name from core_event)
)

select distinct id
from used
where area_code is not null and area_code not in (select area_code from known_area)
union all
select id
from named
where name not in (select name from written where name is not null)
