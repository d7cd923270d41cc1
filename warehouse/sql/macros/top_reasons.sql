-- 某区域某段时间纠纷最多的类别：top_reasons('530402', '2025-03-01', '2025-04-01')，含首不含尾
CREATE MACRO top_reasons(area, since, until) AS TABLE
    SELECT category_code, any_value(category_name) AS category_name, count(*) AS dispute_count,
        count(*) FILTER (status = '已化解') AS resolved_count, count(*) FILTER (risk_level = '高') AS high_risk_count
    FROM dispute
    WHERE (length(area) = 6 AND right(area, 2) = '00' OR area IN (county_code, town_code, village_code))
        AND first_reported_at >= CAST(since AS TIMESTAMP) AND first_reported_at < CAST(until AS TIMESTAMP)
    GROUP BY category_code
    ORDER BY dispute_count DESC, category_code
