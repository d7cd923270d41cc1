-- 每个纠纷里，哪两个系统的记录之间有写明的编号
CREATE OR REPLACE TEMP VIEW official AS
SELECT DISTINCT l.dispute_id, unnest([l.source, r.source]) AS source, unnest([r.source, l.source]) AS other_source
FROM link
INNER JOIN dispute_event AS l ON l.event_id = link.event_id_l
INNER JOIN dispute_event AS r ON r.event_id = link.event_id_r AND r.dispute_id = l.dispute_id
WHERE link.decided_by = 'number' AND l.source <> r.source
