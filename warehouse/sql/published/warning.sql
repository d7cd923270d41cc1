-- 预警，附区域与类别名称
SELECT core_warning.*, area.full_name AS area_name, area.area_tier, category.full_name AS category_name
FROM core_warning
LEFT JOIN area ON area.area_code = CASE
    -- 乡镇代码 9 位与 12 位都认
    WHEN length(core_warning.area_code) = 9 THEN core_warning.area_code || '000' ELSE core_warning.area_code
END
LEFT JOIN category ON category.category_code = core_warning.category_code
