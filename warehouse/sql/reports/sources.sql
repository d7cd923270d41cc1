-- 各来源的行数账
SELECT
    source AS 来源,
    count(DISTINCT delivery_date) AS 交付批数,
    CAST(sum(rows_read) AS BIGINT) AS 读入,
    CAST(sum(rows_accepted) AS BIGINT) AS 采用,
    CAST(sum(rows_superseded) AS BIGINT) AS 被新版本取代,
    CAST(sum(rows_ignored) AS BIGINT) AS 按规则忽略,
    CAST(sum(rows_quarantined) AS BIGINT) AS 隔离,
    count(*) FILTER (status = 'held') AS 挂起文件
FROM delivery
GROUP BY ROLLUP (source)
ORDER BY source NULLS LAST
