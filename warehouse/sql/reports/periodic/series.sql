-- 逐日：本期每一天的纠纷数，及上期第同一天的
-- dispute_count: 当天首次反映的纠纷数
-- previous_count: 上期第同一天的纠纷数
WITH days AS (
    SELECT unnest(range(0, CAST(date_diff('day', $since, $until) AS BIGINT))) AS number
),
scoped AS (
    SELECT first_reported_at
    FROM dispute
    WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
        AND starts_with(category_code, $category)
),
own AS (
    SELECT CAST(floor(epoch(first_reported_at - $since) / 86400) AS BIGINT) AS number, count(*) AS n
    FROM scoped
    WHERE first_reported_at >= $since AND first_reported_at < $until
    GROUP BY ALL
),
previous AS (
    SELECT CAST(floor(epoch(first_reported_at - $previous_since) / 86400) AS BIGINT) AS number, count(*) AS n
    FROM scoped
    WHERE first_reported_at >= $previous_since AND first_reported_at < $previous_until
    GROUP BY ALL
)
SELECT
    days.number,
    -- 跨日的窗以结束的那一天为名
    CAST($since + to_days(CAST(days.number + $names_end AS INTEGER)) AS DATE) AS day,
    coalesce(own.n, 0) AS dispute_count,
    CASE
        WHEN days.number < date_diff('day', $previous_since, $previous_until) THEN coalesce(previous.n, 0)
    END AS previous_count
FROM days
LEFT JOIN own ON own.number = days.number
LEFT JOIN previous ON previous.number = days.number
ORDER BY days.number
