-- 未化解合计：期末以前受理、截至发布时点仍未化解的
-- dispute_count: 未化解的纠纷数
-- high_count: 其中高风险
-- overdue_count: 其中超期未办结
-- high_overdue_count: 其中高风险又超期
SELECT
    count(*) AS dispute_count,
    count(*) FILTER (risk_level = '高') AS high_count,
    count(*) FILTER (is_overdue) AS overdue_count,
    count(*) FILTER (is_overdue AND risk_level = '高') AS high_overdue_count
FROM dispute
WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
    AND first_reported_at < $until AND status <> '已化解'
