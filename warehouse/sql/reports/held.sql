-- 某批交付中未能全部采用的文件
SELECT
    source AS 来源,
    CAST(delivery_date AS VARCHAR) AS 交付日期,
    file AS 文件,
    CASE status WHEN 'held' THEN '挂起' WHEN 'quarantined' THEN '无法读取' ELSE status END AS 状态,
    rows_read AS 读入,
    rows_quarantined AS 隔离,
    reason AS 原因
FROM delivery
WHERE status <> 'accepted' AND delivery_date = $delivery_date AND source = $source
ORDER BY file
