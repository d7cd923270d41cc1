-- 点督清单：期末以前受理、截至发布时点超期未办结的，最该督办的在前
-- late_days: 超期天数
SELECT
    dispute_id,
    title,
    category_name,
    concat_ws('', county_name, town_name) AS place,
    first_reported_at,
    deadline_at,
    greatest(date_diff('day', CAST(deadline_at AS DATE), CAST($as_of AS DATE)), 0) AS late_days,
    risk_level,
    responsible_tier
FROM dispute
WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
    AND first_reported_at < $until AND status <> '已化解' AND is_overdue
ORDER BY list_position(['高', '中', '低'], risk_level), late_days DESC, dispute_id
LIMIT $limit
