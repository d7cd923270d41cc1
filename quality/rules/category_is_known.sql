-- 纠纷类别都在 GB/T 31000 代码表内
with used as (
    select event_id as id, category_code from current_event
    union all
    select dispute_id, category_code from core_dispute
    union all
    select warning_id, category_code from core_warning
)
select id
from used
where category_code is not null and category_code not in (select category_code from known_category)
