-- 行政区划，附中文层级、各级上级与常住人口
SELECT
    area_table.area_code,
    area_name,
    level,
    CASE level WHEN 'city' THEN '市' WHEN 'county' THEN '县' WHEN 'town' THEN '乡' WHEN 'village' THEN '村' END AS area_tier,
    parent_code,
    full_name,
    CASE WHEN level <> 'city' THEN left(area_table.area_code, 6) END AS county_code,
    CASE WHEN level IN ('town', 'village') THEN left(area_table.area_code, 9) || '000' END AS town_code,
    resident_table.residents AS resident_count,
    CASE WHEN resident_table.residents IS NOT NULL THEN resident_table.basis END AS resident_basis
FROM area_table
LEFT JOIN resident_table ON resident_table.area_code = area_table.area_code
