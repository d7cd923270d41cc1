-- 每个纠纷、每个系统：最早何时知道
CREATE OR REPLACE TEMP VIEW known AS
SELECT dispute_id, source, min(reported_at) AS known_at
FROM dispute_event
GROUP BY ALL
