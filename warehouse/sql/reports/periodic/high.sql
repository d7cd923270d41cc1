-- 高风险未化解清单：本期受理、截至发布时点仍未化解的，风险分高的在前
-- persons_involved: 涉及人数
SELECT
    dispute_id,
    title,
    category_name,
    concat_ws('', county_name, town_name) AS place,
    first_reported_at,
    persons_involved,
    risk_reasons,
    responsible_tier
FROM dispute
WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
    AND first_reported_at >= $since AND first_reported_at < $until AND status <> '已化解' AND risk_level = '高'
ORDER BY risk_score DESC, dispute_id
LIMIT $limit
