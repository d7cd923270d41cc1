-- 指标按记录计数的底表：每条纠纷记录一行，月份按受理时间
CREATE OR REPLACE TEMP VIEW indicator_event AS
SELECT
    event.*,
    dispute_event.link_kind,
    getvariable('as_of') AS as_of,
    CAST(date_trunc('month', event.reported_at) AS DATE) AS period_start,
    areas_of(event.county_code, event.town_code, event.village_code) AS areas
FROM event
LEFT JOIN dispute_event ON dispute_event.event_id = event.event_id
WHERE event.reported_at <= getvariable('as_of')
