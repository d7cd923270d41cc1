-- 重点辖区：再下一级的区域中本期纠纷最多的
-- dispute_count: 该辖区本期纠纷数
-- share: 占本期（本类）纠纷的比例
WITH scoped AS (
    SELECT CASE $child WHEN '县' THEN town_code ELSE village_code END AS area_code
    FROM dispute
    WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
        AND starts_with(category_code, $category)
        AND first_reported_at >= $since AND first_reported_at < $until
),
counted AS (
    SELECT area_code, count(*) AS dispute_count
    FROM scoped
    GROUP BY area_code
)
SELECT
    counted.area_code,
    area.full_name,
    area.area_name,
    dispute_count,
    dispute_count / sum(dispute_count) OVER () AS share
FROM counted
LEFT JOIN area ON area.area_code = counted.area_code
QUALIFY counted.area_code IS NOT NULL
ORDER BY dispute_count DESC, counted.area_code
