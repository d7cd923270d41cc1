-- 数据覆盖与本次发布
-- first_day: 数据自哪一天起（开头零星的旧记录不算）
SELECT
    (SELECT quantile_disc(CAST(first_reported_at AS DATE), 0.001) FROM dispute) AS first_day,
    as_of,
    number,
    label
FROM publication
