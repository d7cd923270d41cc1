-- 指标的定义，来自 warehouse/indicators.yml
SELECT *
FROM indicator_definition_table
