-- 指标按纠纷计数的底表：每个纠纷一行，月份按首次反映
CREATE OR REPLACE TEMP VIEW indicator_dispute AS
SELECT
    *,
    CAST(date_trunc('month', first_reported_at) AS DATE) AS period_start,
    areas_of(county_code, town_code, village_code) AS areas
FROM dispute
WHERE first_reported_at <= getvariable('as_of')
