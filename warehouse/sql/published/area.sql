-- 行政区划，附中文层级与各级上级
SELECT
    area_code,
    area_name,
    level,
    CASE level WHEN 'city' THEN '市' WHEN 'county' THEN '县' WHEN 'town' THEN '乡' WHEN 'village' THEN '村' END AS area_tier,
    parent_code,
    full_name,
    CASE WHEN level <> 'city' THEN left(area_code, 6) END AS county_code,
    CASE WHEN level IN ('town', 'village') THEN left(area_code, 9) || '000' END AS town_code
FROM area_table
