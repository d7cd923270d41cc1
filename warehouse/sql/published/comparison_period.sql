-- 区域 × 类别 × 期间的纠纷数，与上期、去年同期同样天数之比；先按日计数，再各计入本期、下期的“上期”、次年的“去年同期”
WITH span AS (
    SELECT
        -- 开头零星的旧记录不算数据覆盖
        quantile_disc(CAST(first_reported_at AS DATE), 0.001) AS first_day,
        CAST(getvariable('as_of') - INTERVAL 1 MICROSECOND AS DATE) AS last_day
    FROM dispute
),
counted AS (
    SELECT
        'reported' AS clock, CAST(first_reported_at AS DATE) AS day, county_code, town_code, village_code,
        -- 不知道类别的归 其他，合计才等于分项之和
        coalesce(category_code, '9900') AS category_code
    FROM dispute
    UNION ALL
    SELECT
        'resolved', CAST(resolved_at AS DATE), county_code, town_code, village_code, coalesce(category_code, '9900')
    FROM dispute
    WHERE resolved_at IS NOT NULL
),
placed AS (
    SELECT
        clock,
        day,
        unnest(areas_of(county_code, town_code, village_code)) AS area_code,
        list_distinct(['00', left(category_code, 2), category_code]) AS categories
    FROM counted
),
classed AS (
    SELECT clock, day, area_code, unnest(categories) AS category_code
    FROM placed
),
daily AS (
    SELECT clock, day, area_code, category_code, count(*) AS n
    FROM classed
    GROUP BY ALL
),
dated AS (
    SELECT 'month' AS period_kind, CAST(date_trunc('month', day) AS DATE) AS starts, *
    FROM daily
    UNION ALL
    SELECT 'week', CAST(date_trunc('week', day) AS DATE), *
    FROM daily
),
period AS (
    SELECT
        period_kind,
        starts AS period_start,
        CAST(CASE period_kind WHEN 'month' THEN last_day(starts) ELSE starts + 6 END AS DATE) AS period_end,
        CAST(CASE period_kind WHEN 'month' THEN starts - INTERVAL 1 MONTH ELSE starts - 7 END AS DATE) AS previous_start,
        CAST(CASE period_kind WHEN 'month' THEN starts - INTERVAL 1 YEAR ELSE starts - 364 END AS DATE) AS last_year_start
    FROM (SELECT DISTINCT period_kind, starts FROM dated)
    WHERE starts <= (SELECT last_day FROM span)
),
open_period AS (
    SELECT
        period.*,
        period_end <= last_day AS is_complete,
        CASE WHEN period_end <= last_day THEN 366 ELSE last_day - period_start + 1 END AS days,
        first_day
    FROM period
    CROSS JOIN span
),
contribution AS (
    SELECT p.period_kind, p.period_start, d.clock, d.area_code, d.category_code, d.n AS own, 0 AS previous, 0 AS last_year
    FROM open_period AS p
    INNER JOIN dated AS d ON d.period_kind = p.period_kind AND d.starts = p.period_start
    UNION ALL
    SELECT p.period_kind, p.period_start, d.clock, d.area_code, d.category_code, 0, d.n, 0
    FROM open_period AS p
    INNER JOIN dated AS d ON d.period_kind = p.period_kind AND d.starts = p.previous_start
    WHERE d.day - d.starts < p.days
    UNION ALL
    SELECT p.period_kind, p.period_start, d.clock, d.area_code, d.category_code, 0, 0, d.n
    FROM open_period AS p
    INNER JOIN dated AS d ON d.period_kind = p.period_kind AND d.starts = p.last_year_start
    WHERE d.day - d.starts < p.days
),
summed AS (
    SELECT
        period_kind, period_start, clock, area_code, category_code,
        CAST(sum(own) AS BIGINT) AS dispute_count,
        CAST(sum(previous) AS BIGINT) AS previous_sum,
        CAST(sum(last_year) AS BIGINT) AS last_year_sum
    FROM contribution
    GROUP BY ALL
),
covered AS (
    SELECT
        summed.*,
        p.period_end,
        p.is_complete,
        CASE WHEN p.previous_start >= p.first_day THEN summed.previous_sum END AS previous_count,
        CASE WHEN p.last_year_start >= p.first_day THEN summed.last_year_sum END AS last_year_count
    FROM summed
    INNER JOIN open_period AS p ON p.period_kind = summed.period_kind AND p.period_start = summed.period_start
)
SELECT
    covered.*,
    area.area_name,
    area.area_tier,
    coalesce(category.full_name, CASE WHEN covered.category_code = '00' THEN '全部' END) AS category_name,
    CASE WHEN previous_count > 0 THEN (dispute_count - previous_count) / previous_count END AS previous_change,
    CASE WHEN last_year_count > 0 THEN (dispute_count - last_year_count) / last_year_count END AS last_year_change,
    greatest(dispute_count, coalesce(previous_count, 0), coalesce(last_year_count, 0)) < 10 AS is_small
FROM covered
LEFT JOIN area ON area.area_code = covered.area_code
LEFT JOIN category ON category.category_code = covered.category_code
