-- 预警所指的纠纷现存
select warning_id
from core_warning
where dispute_id is not null and dispute_id not in (select dispute_id from core_dispute)
