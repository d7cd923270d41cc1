-- 超期：期末以前受理、截至发布时点超期未办结的，按下一级区域
-- overdue_count: 超期未办结的纠纷数
WITH late AS (
    SELECT CASE $child WHEN '县' THEN county_code WHEN '乡' THEN town_code ELSE village_code END AS area_code
    FROM dispute
    WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
        AND first_reported_at < $until AND status <> '已化解' AND is_overdue
)
SELECT late.area_code, any_value(area.area_name) AS area_name, count(*) AS overdue_count
FROM late
LEFT JOIN area ON area.area_code = late.area_code
GROUP BY late.area_code
ORDER BY overdue_count DESC, late.area_code
