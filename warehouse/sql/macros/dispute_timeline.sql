-- 一个纠纷在各系统的经过：dispute_timeline('dp_…')
CREATE MACRO dispute_timeline(id) AS TABLE
    SELECT event.reported_at, event.source, event.source_record_id, dispute_event.link_kind,
        dispute_event.match_probability, event.title, event.status, event.outcome, event.handling_unit,
        dispute_event.explanation
    FROM dispute_event
    -- 时间也相等：只读那几个月的文件与行组
    JOIN event ON event.event_id = dispute_event.event_id AND event.reported_at = dispute_event.reported_at
    WHERE dispute_event.dispute_id = id
    ORDER BY event.reported_at, event.event_id
