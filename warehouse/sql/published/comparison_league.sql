-- 排名表：同级区域的各项指标，区间、漏斗限与名次；偶然能解释的不给名次
WITH wanted AS (
    SELECT indicator, per, measure = 'rate' AS is_rate, better
    FROM indicator_definition
    WHERE measure <> 'mean'
),
dated AS (
    SELECT 'month' AS period_kind, *
    FROM indicator_count
    UNION ALL
    SELECT 'year', * REPLACE (CAST(date_trunc('year', period_start) AS DATE) AS period_start)
    FROM indicator_count
),
summed AS (
    SELECT
        dated.period_kind,
        dated.period_start,
        dated.indicator,
        wanted.per,
        wanted.is_rate,
        wanted.better,
        area.area_tier,
        dated.area_code,
        area.area_name,
        -- 小数相加的次序随线程而变，末位舍去，同样的数据得同样的表
        round(sum(dated.numerator), 6) AS k,
        -- 人口不随月份相加
        CASE WHEN any_value(wanted.is_rate) THEN max(dated.denominator) ELSE round(sum(dated.denominator), 6) END AS n
    FROM dated
    INNER JOIN wanted ON wanted.indicator = dated.indicator
    INNER JOIN area ON area.area_code = dated.area_code
    WHERE area.area_tier IN ('县', '乡') OR (area.area_tier = '村' AND dated.period_kind = 'year')
    GROUP BY ALL
    HAVING n > 0
),
pooled AS (
    SELECT
        *,
        k / n AS p,
        round(sum(k) OVER peers, 6) / round(sum(n) OVER peers, 6) AS centre,
        count(*) OVER peers AS peer_count
    FROM summed
    WINDOW peers AS (PARTITION BY period_kind, period_start, indicator, area_tier)
),
tested AS (
    SELECT
        *,
        funnel_deviation(k, n, centre, is_rate) AS z,
        -- 估计过度离散用的：平方的期望为 1
        (k - n * centre) / sqrt(nullif(n * centre * CASE WHEN is_rate THEN 1 ELSE 1 - centre END, 0)) AS pearson
    FROM pooled
    WHERE peer_count >= 2
),
-- 过度离散：Pearson 残差缩尾 10% 后平方的平均（Spiegelhalter 2005）；小于 1 按 1
cut AS (
    SELECT
        *,
        quantile_cont(pearson, 0.1) OVER peers AS lowest,
        quantile_cont(pearson, 0.9) OVER peers AS highest
    FROM tested
    WINDOW peers AS (PARTITION BY period_kind, period_start, indicator, area_tier)
),
dispersed AS (
    SELECT
        *,
        greatest(coalesce(round(avg(power(least(greatest(pearson, lowest), highest), 2)) OVER peers, 9), 1), 1) AS phi
    FROM cut
    WINDOW peers AS (PARTITION BY period_kind, period_start, indicator, area_tier)
),
bounded AS (
    SELECT
        *,
        z / sqrt(phi) AS z_adjusted,
        -- 率看件数与按同级应有的件数，比例看分母
        CASE WHEN is_rate THEN greatest(k, centre * n) ELSE n END < 10 AS is_small,
        -- 比例用 Wilson 区间，率用 Byar 区间，z = 1.96
        CASE
            WHEN is_rate THEN CASE WHEN k > 0 THEN k * power(1 - 1 / (9 * k) - 1.96 / (3 * sqrt(k)), 3) / n ELSE 0 END
            ELSE greatest((p + 1.9208 / n - 1.96 * sqrt(greatest(p * (1 - p), 0) / n + 0.9604 / (n * n))) / (1 + 3.8416 / n), 0)
        END AS low,
        CASE
            WHEN is_rate THEN (k + 1) * power(1 - 1 / (9 * (k + 1)) + 1.96 / (3 * sqrt(k + 1)), 3) / n
            ELSE least((p + 1.9208 / n + 1.96 * sqrt(greatest(p * (1 - p), 0) / n + 0.9604 / (n * n))) / (1 + 3.8416 / n), 1)
        END AS high,
        -- 全部同级一起看仍不像偶然：双侧 5% 平分给各区域（Bonferroni）
        funnel_bar(peer_count) AS bar
    FROM dispersed
),
ends AS (
    -- 低为好的指标翻过来，名次 1 总是最好
    SELECT
        *,
        round(CASE WHEN better = 'low' THEN -high ELSE low END, 9) AS worst_case,
        round(CASE WHEN better = 'low' THEN -low ELSE high END, 9) AS best_case
    FROM bounded
),
-- 名次范围：区间整个好于自己的有几个，整个差于自己的有几个；排一次序数出来，不逐对相比
marks AS (
    SELECT period_kind, period_start, indicator, area_tier, area_code, worst_case AS edge, 0 AS kind
    FROM ends
    UNION ALL
    SELECT period_kind, period_start, indicator, area_tier, area_code, best_case, 1
    FROM ends
),
counted AS (
    SELECT
        *,
        -- 在此点之上的下端有几个
        count(*) FILTER (kind = 0) OVER (
            PARTITION BY period_kind, period_start, indicator, area_tier ORDER BY edge DESC
            RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE TIES
        ) AS lows_above,
        count(*) FILTER (kind = 1) OVER (
            PARTITION BY period_kind, period_start, indicator, area_tier ORDER BY edge
            RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE TIES
        ) AS highs_below
    FROM marks
),
placed AS (
    SELECT
        period_kind, period_start, indicator, area_tier, area_code,
        1 + max(lows_above) FILTER (kind = 1) AS rank_from,
        max(highs_below) FILTER (kind = 0) AS worse_count
    FROM counted
    GROUP BY ALL
),
judged AS (
    SELECT
        ends.*,
        placed.rank_from,
        ends.peer_count - placed.worse_count AS rank_to,
        NOT is_small AND abs(z_adjusted) > bar AS is_distinct
    FROM ends
    INNER JOIN placed
        ON placed.period_kind = ends.period_kind
        AND placed.period_start = ends.period_start
        AND placed.indicator = ends.indicator
        AND placed.area_tier = ends.area_tier
        AND placed.area_code = ends.area_code
)
SELECT
    indicator,
    period_kind,
    period_start,
    CAST(CASE period_kind WHEN 'month' THEN last_day(period_start) ELSE period_start + INTERVAL 1 YEAR - INTERVAL 1 DAY END
        AS DATE) AS period_end,
    period_end < CAST(getvariable('as_of') AS DATE) AS is_complete,
    area_code,
    area_name,
    area_tier,
    k AS numerator,
    n AS denominator,
    round(p * per, 9) AS value,
    round(low * per, 9) AS value_low,
    round(high * per, 9) AS value_high,
    round(centre * per, 9) AS centre,
    peer_count,
    round(phi, 6) AS overdispersion,
    round(z_adjusted, 6) AS z,
    round(funnel_limit(n, centre, -1.96 * sqrt(phi), is_rate) * per, 9) AS limit_low_95,
    round(funnel_limit(n, centre, 1.96 * sqrt(phi), is_rate) * per, 9) AS limit_high_95,
    round(funnel_limit(n, centre, -3.09 * sqrt(phi), is_rate) * per, 9) AS limit_low_998,
    round(funnel_limit(n, centre, 3.09 * sqrt(phi), is_rate) * per, 9) AS limit_high_998,
    CASE
        WHEN is_small THEN '数少不比'
        WHEN z_adjusted > 3.09 THEN '高'
        WHEN z_adjusted > 1.96 THEN '偏高'
        WHEN z_adjusted < -3.09 THEN '低'
        WHEN z_adjusted < -1.96 THEN '偏低'
        ELSE '无明显差别'
    END AS verdict,
    is_distinct,
    CASE WHEN is_distinct THEN rank_from END AS rank,
    rank_from,
    rank_to,
    is_small
FROM judged
