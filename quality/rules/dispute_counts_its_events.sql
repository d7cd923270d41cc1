-- 每个纠纷至少有一条记录，记录数、涉及系统数与明细相符
with placed as (
    select dispute_id, count(*) as placed_count, count(distinct source) as placed_source_count
    from core_dispute_event
    group by all
)
select dispute_id
from core_dispute
left join placed using (dispute_id)
where placed_count is distinct from event_count or placed_source_count is distinct from source_count
