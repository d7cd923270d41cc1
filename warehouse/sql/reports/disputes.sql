-- 纠纷的总数与几项要数
SELECT
    count(*) AS 纠纷,
    (SELECT count(*) FROM dispute_event) AS 纠纷记录,
    count(*) FILTER (event_count > 1) AS 多条记录的,
    count(*) FILTER (source_count > 1) AS 跨系统的,
    max(event_count) AS 最多记录数,
    count(*) FILTER (status = '已化解') AS 已化解,
    round(100 * count(*) FILTER (status = '已化解') / nullif(count(*), 0), 1) AS "化解率%",
    count(*) FILTER (risk_level = '高') AS 高风险,
    count(*) FILTER (is_overdue) AS 超期
FROM dispute
