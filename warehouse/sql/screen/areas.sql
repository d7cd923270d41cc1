-- 下一级各区域：期内受理与化解（流量），在办、超期、高风险与生效预警（存量）；化解率带 Wilson 95% 区间，与本级整体相比
WITH flow AS (
    SELECT
        CASE $level WHEN 'county' THEN county_key WHEN 'town' THEN town_key ELSE village_key END AS area_code,
        count(*) AS reported,
        count(*) FILTER (status = '已化解') AS resolved
    FROM chosen_dispute(
        $area, $category, $risk, $since, $until, 'reported', NULL, NULL, NULL, NULL, NULL, NULL, NULL
    )
    GROUP BY 1
),
stock AS (
    SELECT
        CASE $level WHEN 'county' THEN county_key WHEN 'town' THEN town_key ELSE village_key END AS area_code,
        count(*) AS open,
        count(*) FILTER (is_overdue) AS overdue,
        count(*) FILTER (risk_level = '高') AS high
    FROM chosen_dispute(
        $area, $category, $risk, NULL, $until, 'reported', 'open', NULL, NULL, NULL, NULL, NULL, NULL
    )
    GROUP BY 1
),
alarms AS (
    SELECT
        CASE $level WHEN 'county' THEN county_key WHEN 'town' THEN town_key ELSE village_key END AS area_code,
        count(*) AS alarms
    FROM chosen_warning($area, $category, $risk, NULL, $day, NULL, NULL, 'open')
    GROUP BY 1
),
listed AS (
    SELECT area_code FROM lake.area WHERE level = $level AND parent_code = $parent
    UNION
    SELECT area_code FROM flow
    UNION
    SELECT area_code FROM stock
    UNION
    SELECT area_code FROM alarms
),
counted AS (
    SELECT
        listed.area_code,
        coalesce(reported, 0) AS reported,
        coalesce(resolved, 0) AS resolved,
        coalesce(open, 0) AS open,
        coalesce(overdue, 0) AS overdue,
        coalesce(high, 0) AS high,
        coalesce(alarms, 0) AS alarms,
        sum(resolved) OVER () / nullif(sum(reported) OVER (), 0) AS whole,
        coalesce(resolved, 0) / nullif(reported, 0) AS p,
        1.96 * 1.96 AS zz
    FROM listed
    LEFT JOIN flow USING (area_code)
    LEFT JOIN stock USING (area_code)
    LEFT JOIN alarms USING (area_code)
),
bounded AS (
    SELECT
        *,
        (p + zz / (2 * reported) - 1.96 * sqrt(p * (1 - p) / reported + zz / (4 * reported * reported)))
            / (1 + zz / reported) AS low,
        (p + zz / (2 * reported) + 1.96 * sqrt(p * (1 - p) / reported + zz / (4 * reported * reported)))
            / (1 + zz / reported) AS high_bound
    FROM counted
)
SELECT
    bounded.area_code,
    CASE WHEN ends_with(bounded.area_code, '-')
        THEN '未定到' || CASE $level WHEN 'county' THEN '区县' WHEN 'town' THEN '乡镇' ELSE '村社区' END
        ELSE coalesce(area.area_name, bounded.area_code)
    END AS area_name,
    reported,
    resolved,
    open,
    overdue,
    high,
    alarms,
    CASE
        WHEN reported < 10 THEN '数少不比'
        WHEN low > whole + 1e-9 THEN '高'
        WHEN high_bound < whole - 1e-9 THEN '低'
        ELSE '无明显差别'
    END AS verdict
FROM bounded
LEFT JOIN lake.area AS area ON area.area_code = bounded.area_code
ORDER BY ends_with(bounded.area_code, '-'), reported DESC, open DESC, bounded.area_code
