-- 各来源每一列空了多少、有多少不能用
SELECT *
FROM core_column_quality
