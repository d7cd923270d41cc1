-- 各规则经人判定的准确率与 Wilson 95% 区间（z = 1.96）；判为已知的情况不假，计入准确
WITH counted AS (
    SELECT
        rule,
        any_value(rule_name) AS rule_name,
        count(*) AS warning_count,
        count(judgement) AS judged_count,
        count(*) FILTER (judgement = '属实') AS true_count,
        count(*) FILTER (judgement = '不实') AS false_count,
        count(*) FILTER (judgement = '已知') AS known_count
    FROM warning
    GROUP BY rule
),
share AS (
    SELECT *, (judged_count - false_count) / nullif(judged_count, 0) AS p, judged_count AS n, 1.96 * 1.96 AS zz
    FROM counted
)
SELECT
    *,
    p AS precision,
    -- 没有判定则为空：greatest 与 least 不理会空值
    CASE WHEN n > 0 THEN greatest((p + zz / (2 * n) - 1.96 * sqrt(p * (1 - p) / n + zz / (4 * n * n))) / (1 + zz / n), 0) END AS precision_low,
    CASE WHEN n > 0 THEN least((p + zz / (2 * n) + 1.96 * sqrt(p * (1 - p) / n + zz / (4 * n * n))) / (1 + zz / n), 1) END AS precision_high
FROM share
