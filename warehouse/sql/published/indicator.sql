-- 指标：分子、分母逐项计数后相除
SELECT
    indicator_count.indicator,
    indicator_count.area_code,
    indicator_count.period_start,
    last_day(indicator_count.period_start) AS period_end,
    indicator_count.numerator,
    indicator_count.denominator,
    CASE WHEN indicator_count.denominator > 0
        THEN indicator_count.numerator / indicator_count.denominator * indicator_definition.per END AS value,
    indicator_definition.unit,
    area.area_name,
    area.area_tier,
    last_day(indicator_count.period_start) < CAST(getvariable('as_of') AS DATE) AS is_complete,
    CASE indicator_definition.measure
        WHEN 'rate' THEN indicator_count.numerator ELSE indicator_count.denominator
    END < 10 AS is_small
FROM indicator_count
INNER JOIN indicator_definition ON indicator_definition.indicator = indicator_count.indicator
LEFT JOIN area ON area.area_code = indicator_count.area_code
