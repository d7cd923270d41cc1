-- 区域：下一级各区域多少、比上期如何、化解率高低（按 Wilson 区间）
-- dispute_count: 该区域本期纠纷数
-- share: 占本期（本类）纠纷的比例
-- previous_count: 该区域上期纠纷数
-- previous_change: 环比
-- added: 比上期增加的件数
-- removed: 比上期减少的件数
-- resolved_count: 其中已化解
-- resolved_share: 化解率
-- overdue_count: 其中超期未办结
-- high_count: 其中高风险
-- per_ten_thousand: 每万常住人口的本期纠纷数
WITH scoped AS (
    SELECT
        CASE $child WHEN '县' THEN county_code WHEN '乡' THEN town_code ELSE village_code END AS area_code,
        status,
        is_overdue,
        risk_level,
        first_reported_at >= $since AND first_reported_at < $until AS is_own,
        first_reported_at >= $previous_since AND first_reported_at < $previous_until AS is_previous
    FROM dispute
    WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
        AND starts_with(category_code, $category)
),
counted AS (
    SELECT
        area_code,
        count(*) FILTER (is_own) AS dispute_count,
        CASE WHEN $previous_since IS NOT NULL THEN count(*) FILTER (is_previous) END AS previous_count,
        count(*) FILTER (is_own AND status = '已化解') AS resolved_count,
        count(*) FILTER (is_own AND is_overdue) AS overdue_count,
        count(*) FILTER (is_own AND risk_level = '高') AS high_count
    FROM scoped
    GROUP BY area_code
),
rated AS (
    SELECT
        *,
        resolved_count / nullif(dispute_count, 0) AS p,
        sum(resolved_count) OVER () / nullif(sum(dispute_count) OVER (), 0) AS whole,
        1.96 * 1.96 AS zz
    FROM counted
),
bounded AS (
    SELECT
        *,
        (p + zz / (2 * dispute_count)
            - 1.96 * sqrt(p * (1 - p) / dispute_count + zz / (4 * dispute_count * dispute_count)))
            / (1 + zz / dispute_count) AS low,
        (p + zz / (2 * dispute_count)
            + 1.96 * sqrt(p * (1 - p) / dispute_count + zz / (4 * dispute_count * dispute_count)))
            / (1 + zz / dispute_count) AS high
    FROM rated
)
SELECT
    bounded.area_code,
    area.area_name,
    area.full_name,
    dispute_count,
    previous_count,
    dispute_count / nullif(sum(dispute_count) OVER (), 0) AS share,
    dispute_count - previous_count AS added,
    previous_count - dispute_count AS removed,
    (dispute_count - previous_count) / nullif(previous_count, 0) AS previous_change,
    resolved_count,
    p AS resolved_share,
    CASE
        WHEN dispute_count < 10 THEN NULL
        WHEN low > whole + 1e-9 THEN '高'
        WHEN high < whole - 1e-9 THEN '低'
    END AS verdict,
    overdue_count,
    high_count,
    10000 * dispute_count / nullif(area.resident_count, 0) AS per_ten_thousand
FROM bounded
LEFT JOIN area ON area.area_code = bounded.area_code
WHERE dispute_count + coalesce(previous_count, 0) > 0
ORDER BY bounded.area_code IS NULL, dispute_count DESC, bounded.area_code
