-- 纠纷类别都在 GB/T 31000 代码表内；按来源自己的分类计数的预警，所写分类确有来源写过
with used as (
    select event_id as id, category_code from current_event
    union all
    select dispute_id, category_code from core_dispute
    union all
    select warning_id, category_code from core_warning where regexp_full_match(category_code, '[0-9]+')
),

named as (
    select warning_id as id, category_code as name
    from core_warning
    where not regexp_full_match(category_code, '[0-9]+')
),

written as (
    select unnest(list_append(string_split(source_category, '/'), source_category)) as name
    from (select distinct source_category from core_event)
)

select id
from used
where category_code is not null and category_code not in (select category_code from known_category)
union all
select id
from named
where name not in (select name from written where name is not null)
