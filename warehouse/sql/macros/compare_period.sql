-- 任意时间窗的纠纷数，与紧邻的前一个等长窗、去年同窗相比：compare_period('530402', '00', '2025-03-19', '2025-04-19', clock := 'resolved')，窗含首不含尾
CREATE MACRO compare_period(area, category, since, until, clock := 'reported') AS TABLE
    WITH asked AS (
        SELECT CAST(since AS TIMESTAMP) AS starts, CAST(until AS TIMESTAMP) AS ends, CAST(area AS VARCHAR) AS code,
            CAST(category AS VARCHAR) AS class
    ),
    -- 开头零星的旧记录不算数据覆盖
    span AS (
        SELECT CAST(quantile_disc(first_reported_at, 0.001) AS DATE) AS first_day FROM dispute
    ),
    own AS (
        SELECT CASE clock WHEN 'reported' THEN first_reported_at WHEN 'resolved' THEN resolved_at
            ELSE error('clock 只能是 reported 或 resolved') END AS moment
        FROM dispute
        CROSS JOIN asked
        WHERE (length(code) = 6 AND right(code, 2) = '00'
                OR code IN (county_code, town_code, village_code, left(town_code, 9)))
            AND (class = '00' OR starts_with(coalesce(category_code, '9900'), class))
    ),
    counted AS (
        SELECT
            count(*) FILTER (moment >= starts AND moment < ends) AS dispute_count,
            CASE WHEN any_value(first_day) <= any_value(starts - (ends - starts))
                THEN count(*) FILTER (moment >= starts - (ends - starts) AND moment < starts) END AS previous_count,
            CASE WHEN any_value(first_day) <= any_value(starts - INTERVAL 1 YEAR)
                THEN count(*) FILTER (moment >= starts - INTERVAL 1 YEAR AND moment < ends - INTERVAL 1 YEAR) END
                AS last_year_count
        FROM asked
        CROSS JOIN span
        LEFT JOIN own ON true
    )
    SELECT
        dispute_count,
        previous_count,
        (dispute_count - previous_count) / nullif(previous_count, 0) AS previous_change,
        last_year_count,
        (dispute_count - last_year_count) / nullif(last_year_count, 0) AS last_year_change,
        greatest(dispute_count, previous_count, last_year_count) < 10 AS is_small
    FROM counted
