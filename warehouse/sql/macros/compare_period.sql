-- 任意时间窗的纠纷数，与紧邻的前一个等长窗、去年同窗相比：compare_period('530402', '00', '2025-03-19', '2025-04-19')，窗含首不含尾
CREATE MACRO compare_period(area, category, since, until) AS TABLE
    WITH time_window AS (
        SELECT CAST(since AS TIMESTAMP) AS starts, CAST(until AS TIMESTAMP) AS ends
    ),
    counted AS (
        SELECT
            count(*) FILTER (first_reported_at >= starts AND first_reported_at < ends) AS dispute_count,
            count(*) FILTER (first_reported_at >= starts - (ends - starts) AND first_reported_at < starts)
                AS previous_count,
            count(*) FILTER (
                first_reported_at >= starts - INTERVAL 1 YEAR AND first_reported_at < ends - INTERVAL 1 YEAR
            ) AS last_year_count,
            min(first_reported_at) AS first_at,
            any_value(starts) AS starts,
            any_value(ends) AS ends
        FROM dispute
        CROSS JOIN time_window
        WHERE (length(area) = 6 AND right(area, 2) = '00' OR area IN (county_code, town_code, village_code))
            AND (category = '00' OR starts_with(category_code, category))
    )
    SELECT
        dispute_count,
        CASE WHEN first_at < starts THEN previous_count END AS previous_count,
        CASE WHEN first_at < starts AND previous_count > 0
            THEN (dispute_count - previous_count) / previous_count END AS previous_change,
        CASE WHEN first_at < ends - INTERVAL 1 YEAR THEN last_year_count END AS last_year_count,
        CASE WHEN first_at < ends - INTERVAL 1 YEAR AND last_year_count > 0
            THEN (dispute_count - last_year_count) / last_year_count END AS last_year_change,
        greatest(dispute_count, previous_count) < 10 AS is_small
    FROM counted
