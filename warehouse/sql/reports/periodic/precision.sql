-- 预警判定：全部规则合计，经人判定的与其中不实的
-- judged_count: 经人判定的预警数
-- false_count: 其中判为不实
-- precision: 准确率：不是不实的÷判定的
SELECT
    sum(judged_count) AS judged_count,
    sum(false_count) AS false_count,
    1 - sum(false_count) / nullif(sum(judged_count), 0) AS precision
FROM warning_precision
