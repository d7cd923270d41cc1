-- 匹配模型各版本的各级别
SELECT *
FROM core_match_model
