-- 预警编号不重复
select warning_id
from core_warning
group by warning_id
having count(*) > 1
