-- 纠纷编号不重复
select dispute_id
from core_dispute
group by dispute_id
having count(*) > 1
