-- 重复：本期有记录、至今反映三次以上的纠纷
SELECT
    dispute.dispute_id AS 纠纷编号,
    dispute.title AS 标题,
    dispute.category_name AS 类别,
    dispute.county_name AS 区县,
    dispute.town_name AS 乡镇街道,
    dispute.first_reported_at AS 首次反映,
    count(*) AS 本期记录数,
    dispute.event_count AS 至今记录数,
    dispute.reporter_count AS 反映人数,
    dispute.source_count AS 系统数,
    dispute.status AS 状态,
    dispute.risk_level AS 风险等级
FROM dispute
INNER JOIN dispute_event ON dispute_event.dispute_id = dispute.dispute_id
WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
    AND dispute_event.reported_at >= $since AND dispute_event.reported_at < $until
    AND dispute.event_count >= 3
GROUP BY ALL
ORDER BY 至今记录数 DESC, 纠纷编号
