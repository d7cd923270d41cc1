-- 一个指标在某统计窗与上期、去年同期，差按百分点或单位：compare_indicator('化解率', '月', '2025-03-15', '530402')
CREATE MACRO compare_indicator(name, kind, day, area) AS TABLE
    WITH own AS (
        FROM indicator_in(name, area, window_start(kind, day), window_shift(kind, window_start(kind, day), 1))
    ),
    previous AS (
        FROM indicator_in(name, area, window_shift(kind, window_start(kind, day), -1), window_start(kind, day))
    ),
    last_year AS (
        FROM indicator_in(
            name, area, window_year_ago(kind, window_start(kind, day)),
            window_shift(kind, window_year_ago(kind, window_start(kind, day)), 1)
        )
    ),
    span AS (
        -- 开头零星的旧记录不算数据覆盖
        SELECT CAST(quantile_disc(first_reported_at, 0.001) AS DATE) AS first_day FROM dispute
    ),
    covered AS (
        SELECT
            own.*,
            own.ends <= (SELECT as_of FROM publication) AS is_complete,
            CASE WHEN first_day <= previous.starts THEN previous.numerator END AS previous_numerator,
            CASE WHEN first_day <= previous.starts THEN previous.denominator END AS previous_denominator,
            CASE WHEN first_day <= previous.starts THEN previous.value END AS previous_value,
            CASE WHEN first_day <= last_year.starts THEN last_year.numerator END AS last_year_numerator,
            CASE WHEN first_day <= last_year.starts THEN last_year.denominator END AS last_year_denominator,
            CASE WHEN first_day <= last_year.starts THEN last_year.value END AS last_year_value
        FROM own
        CROSS JOIN previous
        CROSS JOIN last_year
        CROSS JOIN span
    )
    SELECT *, value - previous_value AS previous_difference, value - last_year_value AS last_year_difference
    FROM covered
