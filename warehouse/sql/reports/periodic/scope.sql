-- 报告所及的区域
SELECT area_name, full_name, area_tier, parent_code
FROM area
WHERE area_code = $area
