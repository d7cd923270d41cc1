-- 按统计窗种类的同比环比：compare_window('考核月', '2025-03-25', '530402', '00', clock := 'reported')；窗未满则上期、去年同期只取同样长的一段
CREATE MACRO compare_window(kind, day, area, category, clock := 'reported') AS TABLE
    WITH asked AS (
        SELECT CAST(area AS VARCHAR) AS code, CAST(category AS VARCHAR) AS class, (SELECT as_of FROM publication) AS as_of
    ),
    span AS (
        SELECT CAST(quantile_disc(first_reported_at, 0.001) AS DATE) AS first_day FROM dispute
    ),
    framed AS (
        SELECT
            *,
            ends <= as_of AS is_complete,
            CASE WHEN ends <= as_of THEN previous_ends
                ELSE least(previous_starts + (greatest(as_of, starts) - starts), previous_ends) END AS previous_until,
            CASE WHEN ends <= as_of THEN last_year_ends
                ELSE least(last_year_starts + (greatest(as_of, starts) - starts), last_year_ends) END AS last_year_until
        FROM windows(kind, day)
        CROSS JOIN asked
        CROSS JOIN span
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
            any_value(window_kind) AS window_kind,
            any_value(starts) AS starts,
            any_value(ends) AS ends,
            any_value(is_complete) AS is_complete,
            count(*) FILTER (moment >= starts AND moment < ends) AS dispute_count,
            any_value(previous_starts) AS previous_starts,
            any_value(previous_until) AS previous_ends,
            CASE WHEN any_value(first_day) <= any_value(previous_starts)
                THEN count(*) FILTER (moment >= previous_starts AND moment < previous_until) END AS previous_count,
            any_value(last_year_starts) AS last_year_starts,
            any_value(last_year_until) AS last_year_ends,
            CASE WHEN any_value(first_day) <= any_value(last_year_starts)
                THEN count(*) FILTER (moment >= last_year_starts AND moment < last_year_until) END AS last_year_count
        FROM framed
        LEFT JOIN own ON true
    )
    SELECT
        *,
        (dispute_count - previous_count) / nullif(previous_count, 0) AS previous_change,
        (dispute_count - last_year_count) / nullif(last_year_count, 0) AS last_year_change,
        greatest(dispute_count, previous_count, last_year_count) < 10 AS is_small
    FROM counted
