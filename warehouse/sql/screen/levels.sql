-- 预警按级别：末日新增的，与截至末日仍生效的
WITH raised AS (
    SELECT level, count(*) AS n
    FROM chosen_warning($area, $category, $risk, $day, $day, NULL, NULL, NULL)
    GROUP BY level
),
standing AS (
    SELECT level, count(*) AS n
    FROM chosen_warning($area, $category, $risk, NULL, $day, NULL, NULL, 'open')
    GROUP BY level
)
SELECT
    level.level,
    coalesce(raised.n, 0) AS raised,
    coalesce(standing.n, 0) AS open
FROM (SELECT unnest(['红', '橙', '黄', '蓝']) AS level, unnest([1, 2, 3, 4]) AS level_order) AS level
LEFT JOIN raised ON raised.level = level.level
LEFT JOIN standing ON standing.level = level.level
ORDER BY level.level_order
