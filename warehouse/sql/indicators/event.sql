-- 指标按记录计数的底表：每条记录一行，附在纠纷中的关系；时间也相等，任意时间窗只读那几个月的文件
SELECT event.*, dispute_event.link_kind, publication.as_of
FROM event
LEFT JOIN dispute_event
    ON dispute_event.event_id = event.event_id AND dispute_event.reported_at = event.reported_at
CROSS JOIN publication
