-- 一起纠纷在各系统的经过，每条记录凭什么归入
WITH own AS (
    SELECT * FROM lake.dispute_event WHERE dispute_id = $id AND reported_at BETWEEN $since AND $until
)
SELECT
    event.event_id, event.source, event.source_record_id, event.reported_at, event.title, event.text, event.status,
    event.outcome, event.outcome_at, event.closed_at, event.deadline_at, event.handling_unit, event.handling_tier,
    event.threat_words, own.link_kind, own.match_probability, own.explanation, own.linked_event_id
FROM own
INNER JOIN lake.event AS event ON event.event_id = own.event_id AND event.reported_at BETWEEN $since AND $until
ORDER BY event.reported_at, event.event_id
