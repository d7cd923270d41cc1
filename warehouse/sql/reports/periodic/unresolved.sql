-- 未化解：期末以前受理、截至发布时点仍未化解的，按责任层级与风险
-- dispute_count: 未化解的纠纷数
-- high_count: 其中高风险
-- middle_count: 其中中风险
-- low_count: 其中低风险
-- overdue_count: 其中超期未办结
SELECT
    responsible_tier,
    count(*) AS dispute_count,
    count(*) FILTER (risk_level = '高') AS high_count,
    count(*) FILTER (risk_level = '中') AS middle_count,
    count(*) FILTER (risk_level = '低') AS low_count,
    count(*) FILTER (is_overdue) AS overdue_count
FROM dispute
WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
    AND first_reported_at < $until AND status <> '已化解'
GROUP BY responsible_tier
ORDER BY list_position(['市', '县', '乡', '村'], responsible_tier)
