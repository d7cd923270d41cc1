-- 每条纠纷记录归入哪一纠纷
SELECT core_dispute_event.*, event.reported_at
FROM core_dispute_event
LEFT JOIN event ON event.event_id = core_dispute_event.event_id
