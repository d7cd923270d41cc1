-- 区域激增预警：本期新发的
-- measure: 超出的记录数
SELECT
    warning_id,
    level,
    coalesce(area_name, area_code) AS area_name,
    category_name,
    first_seen_at,
    closed_at,
    evidence
FROM warning
WHERE (right($area, 2) = '00' AND length($area) = 6 OR starts_with(area_code, regexp_replace($area, '^(.{9})000$', '\1')))
    AND rule = 'surge'
    AND first_seen_at >= CAST($since AS DATE) AND first_seen_at < CAST($until AS DATE)
ORDER BY list_position(['红', '橙', '黄', '蓝'], level), first_seen_at, warning_id
