-- 复发所指的原纠纷在户口簿中
select dispute_id
from core_dispute
where recurrence_of is not null
    and (recurrence_of = dispute_id or recurrence_of not in (select dispute_id from core_ledger))
