-- 详情：本期首次反映的每一件纠纷
SELECT
    dispute_id AS 纠纷编号,
    title AS 标题,
    category_name AS 类别,
    county_name AS 区县,
    town_name AS 乡镇街道,
    village_name AS 村社区,
    first_reported_at AS 首次反映,
    last_reported_at AS 最近反映,
    event_count AS 记录数,
    sources AS 来源系统,
    persons_involved AS 涉及人数,
    amount AS 涉及金额元,
    status AS 状态,
    resolved_at AS 化解时间,
    resolved_by_tier AS 化解层级,
    risk_level AS 风险等级,
    risk_reasons AS 风险理由,
    responsible_tier AS 责任层级,
    is_overdue AS 是否超期
FROM dispute
WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
    AND first_reported_at >= $since AND first_reported_at < $until
ORDER BY first_reported_at, dispute_id
