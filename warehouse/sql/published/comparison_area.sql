-- 各区域各月的率与 Wilson 95% 区间（z = 1.96）；只有区间离开上级区域的率才算高低，小村不会因偶然领先
WITH counted AS (
    SELECT
        unnest(areas_of(county_code, town_code, village_code)) AS area_code,
        CAST(date_trunc('month', first_reported_at) AS DATE) AS period_start,
        status = '已化解' AS is_resolved,
        coalesce(is_overdue, false) AS is_overdue,
        risk_level = '高' AS is_high,
        scale_code IN ('02', '03') AS is_mass,
        source_count > 1 AS is_cross,
        recurrence_of IS NOT NULL AS is_recurrence
    FROM dispute
    WHERE first_reported_at <= getvariable('as_of')
),
summed AS (
    SELECT
        area_code,
        period_start,
        count(*) AS n,
        count(*) FILTER (is_resolved) AS resolved,
        count(*) FILTER (is_overdue) AS overdue_count,
        count(*) FILTER (is_high) AS high_risk_count,
        count(*) FILTER (is_mass) AS mass_count,
        count(*) FILTER (is_cross) AS cross_source_count,
        count(*) FILTER (is_recurrence) AS recurrence_count
    FROM counted
    GROUP BY ALL
),
rated AS (
    SELECT
        *,
        resolved / n AS p,
        1.96 * 1.96 AS zz
    FROM summed
),
bounded AS (
    SELECT
        *,
        greatest((p + zz / (2 * n) - 1.96 * sqrt(p * (1 - p) / n + zz / (4 * n * n))) / (1 + zz / n), 0) AS low,
        least((p + zz / (2 * n) + 1.96 * sqrt(p * (1 - p) / n + zz / (4 * n * n))) / (1 + zz / n), 1) AS high
    FROM rated
)
SELECT
    own.period_start,
    last_day(own.period_start) AS period_end,
    own.area_code,
    area.area_name,
    area.area_tier,
    area.parent_code,
    own.n AS dispute_count,
    own.resolved AS resolved_count,
    own.p AS resolved_share,
    own.low AS resolved_low,
    own.high AS resolved_high,
    parent.p AS parent_resolved_share,
    CASE
        WHEN parent.p IS NULL THEN NULL
        WHEN own.n < 10 THEN '数少不比'
        WHEN own.low > parent.p + 1e-9 THEN '高'
        WHEN own.high < parent.p - 1e-9 THEN '低'
        ELSE '无明显差别'
    END AS verdict,
    own.overdue_count,
    own.high_risk_count,
    own.mass_count,
    own.cross_source_count,
    own.recurrence_count,
    last_day(own.period_start) < CAST(getvariable('as_of') AS DATE) AS is_complete,
    own.n < 10 AS is_small
FROM bounded AS own
LEFT JOIN area ON area.area_code = own.area_code
LEFT JOIN bounded AS parent ON parent.area_code = area.parent_code AND parent.period_start = own.period_start
