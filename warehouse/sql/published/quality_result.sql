-- 质量检查结果，各次运行的都在内
SELECT *
FROM core_quality_result
