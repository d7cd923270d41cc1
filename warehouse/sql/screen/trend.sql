-- 走势：每一段受理与化解的数，及上期、去年同期相应一段受理的数；段由 starts、ends 给出（含首含尾）
WITH span AS (
    SELECT
        unnest($starts) AS starts,
        unnest($ends) AS ends,
        unnest($former_starts) AS former_starts,
        unnest($former_ends) AS former_ends,
        unnest($year_starts) AS year_starts,
        unnest($year_ends) AS year_ends
),
reported AS (
    SELECT reported_on AS on_day, count(*) AS n
    FROM chosen_dispute(
        $area, $category, $risk, NULL, NULL, 'reported', NULL, NULL, NULL, NULL, NULL, NULL, NULL
    )
    GROUP BY 1
),
resolved AS (
    SELECT resolved_on AS on_day, count(*) AS n
    FROM chosen_dispute(
        $area, $category, $risk, NULL, NULL, 'reported', '已化解', NULL, NULL, NULL, NULL, NULL, NULL
    )
    WHERE resolved_on IS NOT NULL
    GROUP BY 1
)
SELECT
    starts,
    ends,
    (SELECT coalesce(sum(n), 0) FROM reported WHERE on_day BETWEEN starts AND ends) AS reported,
    (SELECT coalesce(sum(n), 0) FROM resolved WHERE on_day BETWEEN starts AND ends) AS resolved,
    (SELECT coalesce(sum(n), 0) FROM reported WHERE on_day BETWEEN former_starts AND former_ends) AS former,
    (SELECT coalesce(sum(n), 0) FROM reported WHERE on_day BETWEEN year_starts AND year_ends) AS last_year
FROM span
ORDER BY starts
