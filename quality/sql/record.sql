-- 一个来源的每条记录版本：清洗后的列，加上来源原样的列与当事人数；期望的表达式引用这些列
with party as (
    select
        source, delivery_date, file, sheet, row_number,
        count(*) as party_count,
        count(*) filter (where role in ('reporter', 'applicant')) as reporter_count,
        count(*) filter (where role in ('reporter', 'applicant') and len(phone_tokens) > 0) as reachable_count,
        count(*) filter (where id_token is not null) as identified_count
    from core_party
    where role <> 'mentioned'
    group by all
),

delivered_party as (
    select
        source, delivery_date, file, sheet, row_number,
        coalesce(sum(len(phones)), 0) as phone_count,
        count(*) filter (where coalesce(id_number, '') <> '') as id_number_count
    from raw_party
    group by all
),

known as (
    select distinct source_record_id as number
    from core_event
),

-- 来源写明的编号，按种类；_unknown 是其中湖里没有的
reference as (
    select
        core_reference.source, core_reference.delivery_date, core_reference.file, core_reference.sheet,
        core_reference.row_number,
        list(core_reference.number) filter (where kind = 'earlier') as earlier_numbers,
        list(core_reference.number) filter (where kind = 'repeat_of') as repeat_of_numbers,
        list(core_reference.number) filter (where kind = 'related') as related_numbers,
        list(core_reference.number) filter (where kind = 'transfer') as transfer_numbers,
        list(core_reference.number) filter (where kind = 'earlier' and known.number is null) as earlier_unknown,
        list(core_reference.number) filter (where kind = 'repeat_of' and known.number is null) as repeat_of_unknown,
        list(core_reference.number) filter (where kind = 'related' and known.number is null) as related_unknown,
        list(core_reference.number) filter (where kind = 'transfer' and known.number is null) as transfer_unknown
    from core_reference
    left join known on known.number = core_reference.number
    where core_reference.kind <> 'mentioned' and core_reference.source = $source
    group by all
)

select
    event.*,
    raw.division_code,
    raw.unit_code,
    raw.address as address_text,
    raw.longitude as x,
    raw.latitude as y,
    raw.amount as amount_text,
    raw.persons_involved as persons_text,
    raw.handler,
    coalesce(party.party_count, 0) as party_count,
    coalesce(party.reporter_count, 0) as reporter_count,
    coalesce(party.reachable_count, 0) as reachable_count,
    coalesce(party.identified_count, 0) as identified_count,
    coalesce(delivered_party.phone_count, 0) as phone_count,
    coalesce(delivered_party.id_number_count, 0) as id_number_count,
    reference.earlier_numbers, reference.repeat_of_numbers, reference.related_numbers, reference.transfer_numbers,
    reference.earlier_unknown, reference.repeat_of_unknown, reference.related_unknown, reference.transfer_unknown,
    row_number() over (
        partition by event.event_id
        order by event.delivery_date, event.file, event.sheet, event.row_number
    ) = 1 as is_first_version
from core_event as event
join raw_record as raw
    on raw.source = event.source
    and raw.delivery_date = event.delivery_date
    and raw.file = event.file
    and raw.sheet is not distinct from event.sheet
    and raw.row_number = event.row_number
left join party
    on party.source = event.source
    and party.delivery_date = event.delivery_date
    and party.file = event.file
    and party.sheet is not distinct from event.sheet
    and party.row_number = event.row_number
left join delivered_party
    on delivered_party.source = event.source
    and delivered_party.delivery_date = event.delivery_date
    and delivered_party.file = event.file
    and delivered_party.sheet is not distinct from event.sheet
    and delivered_party.row_number = event.row_number
left join reference
    on reference.source = event.source
    and reference.delivery_date = event.delivery_date
    and reference.file = event.file
    and reference.sheet is not distinct from event.sheet
    and reference.row_number = event.row_number
where event.source = $source
