-- 要闻数字：期内受理的（流量）与截至末日在办的（存量），各带分子分母
WITH flow AS (
    SELECT
        count(*) AS reported,
        count(*) FILTER (status = '已化解') AS resolved,
        count(*) FILTER (resolved_tier IN ('村', '乡', '县')) AS resolved_below,
        count(*) FILTER (resolved_tier <> '不明') AS resolved_known,
        count(*) FILTER (source_count >= 2) AS several
    FROM chosen_dispute(
        $area, $category, $risk, $since, $until, 'reported', NULL, NULL, NULL, NULL, NULL, NULL, NULL
    )
),
stock AS (
    SELECT
        count(*) AS open,
        count(*) FILTER (is_overdue) AS overdue,
        count(*) FILTER (is_tier_overrun) AS overrun,
        count(*) FILTER (risk_level = '高') AS high
    FROM chosen_dispute(
        $area, $category, $risk, NULL, $until, 'reported', 'open', NULL, NULL, NULL, NULL, NULL, NULL
    )
),
alarms AS (
    SELECT
        count(*) AS alarms,
        count(*) FILTER (level = '红') AS alarms_red
    FROM chosen_warning($area, $category, $risk, NULL, $day, NULL, NULL, 'open')
),
today AS (
    SELECT count(*) AS alarms_today
    FROM chosen_warning($area, $category, $risk, $day, $day, NULL, NULL, NULL)
)
SELECT *
FROM flow, stock, alarms, today
