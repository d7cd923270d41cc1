-- 打过分的记录对
SELECT core_link.*, greatest(l.reported_at, r.reported_at) AS reported_at
FROM core_link
LEFT JOIN event AS l ON l.event_id = core_link.event_id_l
LEFT JOIN event AS r ON r.event_id = core_link.event_id_r
