-- 离散：各大类逐日件数的方差与均值之比（本期与上期各自的日均为准，合并各类）
-- dispersion: 方差÷均值，随机波动约为 1
WITH scoped AS (
    SELECT
        left(category_code, 2) AS category_code,
        first_reported_at >= $since AS is_own,
        CAST(floor(epoch(first_reported_at - CASE WHEN first_reported_at >= $since THEN $since ELSE $previous_since END)
            / 86400) AS BIGINT) AS number
    FROM dispute
    WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
        AND (
            first_reported_at >= $since AND first_reported_at < $until
            OR first_reported_at >= $previous_since AND first_reported_at < $previous_until
        )
),
daily AS (
    SELECT category_code, is_own, number, count(*) AS n
    FROM scoped
    GROUP BY ALL
),
window_sum AS (
    SELECT
        category_code,
        is_own,
        sum(n) AS total,
        sum(n * n) AS squares,
        CASE
            WHEN is_own THEN date_diff('day', $since, $until) ELSE date_diff('day', $previous_since, $previous_until)
        END AS days
    FROM daily
    GROUP BY ALL
)
-- 每个窗的离差平方和 = Σn² − (Σn)²÷天数，没有纠纷的日子也在内
SELECT
    sum((squares - total * total / days) / (total / days)) / nullif(sum(days - 1), 0) AS dispersion
FROM window_sum
WHERE days > 1 AND total >= 10
