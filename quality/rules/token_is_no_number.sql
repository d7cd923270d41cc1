-- 令牌列里没有明文电话或证件号码
with token as (
    select event_id, unnest(phone_tokens) as token from core_event
    union all
    select event_id, unnest(phone_tokens) from core_party
    union all
    select event_id, id_token from core_party
)
select distinct event_id
from token
where regexp_full_match(token, '[0-9+ -]{7,20}[Xx]?')
