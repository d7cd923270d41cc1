-- 质量检查结果：本次的，加上以前发布过的其他截止日期的
SELECT *
FROM quality_result_table
