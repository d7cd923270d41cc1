-- 将要发布的文字里没有手机号码或身份证号码
with published as (
    select event_id as id, concat_ws('　', title_published, text_published) as text from current_event
    union all
    select dispute_id, concat_ws('　', title, place, risk_reasons) from core_dispute
    union all
    select event_id, explanation from core_dispute_event
    union all
    select concat_ws('+', event_id_l, event_id_r), explanation from core_link
    union all
    select dispute_id, reason from core_ledger
    union all
    select verdict_id, reason_published from core_verdict
    union all
    select correction_id, reason_published from core_correction
    union all
    select warning_id, evidence from core_warning
    union all
    select event_id, name_masked from core_party
    union all
    select concat_ws('/', source, delivery_date, file, sheet, row_number), reason from raw_row
), bare as (
    -- 本湖的编号（d_、ev_、wn_ 加二十位十六进制）里也会有连着的十一位数字，不是号码
    select id, regexp_replace(text, '(d|ev|wn)_[0-9a-f]{20}', '', 'g') as text from published
)
select id
from bare
where regexp_matches(text, '(^|[^0-9])1[3-9][0-9]([ -]?)[0-9]{4}([ -]?)[0-9]{4}($|[^0-9])')
    or regexp_matches(
        text,
        '(^|[^0-9])[1-9][0-9]{5}(19[0-9]{2}|20[01][0-9])(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]($|[^0-9])'
    )
