-- 一个指标在某统计窗与上期、去年同期，差按百分点或单位：compare_indicator('化解率', '月', '2025-03-15', '530402')
CREATE MACRO compare_indicator(name, kind, day, area) AS TABLE
    WITH framed AS (
        SELECT *, ends <= (SELECT as_of FROM publication) AS is_complete,
            (SELECT CAST(quantile_disc(first_reported_at, 0.001) AS DATE) FROM dispute) AS first_day
        FROM windows(kind, day)
    ),
    own AS (FROM indicator_in(name, area, (SELECT starts FROM framed), (SELECT ends FROM framed))),
    previous AS (
        FROM indicator_in(name, area, (SELECT previous_starts FROM framed), (SELECT previous_ends FROM framed))
    ),
    last_year AS (
        FROM indicator_in(name, area, (SELECT last_year_starts FROM framed), (SELECT last_year_ends FROM framed))
    ),
    covered AS (
        SELECT
            own.*,
            framed.is_complete,
            CASE WHEN first_day <= previous_starts THEN previous.numerator END AS previous_numerator,
            CASE WHEN first_day <= previous_starts THEN previous.denominator END AS previous_denominator,
            CASE WHEN first_day <= previous_starts THEN previous.value END AS previous_value,
            CASE WHEN first_day <= last_year_starts THEN last_year.numerator END AS last_year_numerator,
            CASE WHEN first_day <= last_year_starts THEN last_year.denominator END AS last_year_denominator,
            CASE WHEN first_day <= last_year_starts THEN last_year.value END AS last_year_value
        FROM framed
        CROSS JOIN own
        CROSS JOIN previous
        CROSS JOIN last_year
    )
    SELECT *, value - previous_value AS previous_difference, value - last_year_value AS last_year_difference
    FROM covered
