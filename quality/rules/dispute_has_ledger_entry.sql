-- 每个纠纷编号都在户口簿中有产生或拆出的登记
select dispute_id
from core_dispute
where dispute_id not in (select dispute_id from core_ledger where action in ('mint', 'split'))
