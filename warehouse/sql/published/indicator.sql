-- 指标：分子、分母逐项计数后相除
SELECT
    indicator_count.indicator,
    indicator_count.area_code,
    indicator_count.period_start,
    last_day(indicator_count.period_start) AS period_end,
    indicator_count.numerator,
    indicator_count.denominator,
    CASE WHEN indicator_count.denominator > 0 THEN indicator_count.numerator / indicator_count.denominator END AS value,
    area.area_name,
    area.area_tier,
    last_day(indicator_count.period_start) < CAST(getvariable('as_of') AS DATE) AS is_complete,
    indicator_count.denominator < 10 AS is_small
FROM indicator_count
LEFT JOIN area ON area.area_code = indicator_count.area_code
