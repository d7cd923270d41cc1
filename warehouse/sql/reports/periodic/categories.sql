-- 类别：本期与上期、去年同期各多少（按类别代码前 $digits 位）
-- dispute_count: 本期该类纠纷数
-- share: 占本期（本类）纠纷的比例
-- previous_count: 上期该类纠纷数
-- previous_change: 环比
-- added: 比上期增加的件数
-- removed: 比上期减少的件数
-- last_year_count: 去年同期该类纠纷数
-- last_year_change: 同比
-- resolved_count: 其中已化解
-- resolved_share: 化解率
WITH scoped AS (
    SELECT
        left(category_code, $digits) AS category_code,
        status,
        first_reported_at >= $since AND first_reported_at < $until AS is_own,
        first_reported_at >= $previous_since AND first_reported_at < $previous_until AS is_previous,
        first_reported_at >= $last_year_since AND first_reported_at < $last_year_until AS is_last_year
    FROM dispute
    WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
        AND starts_with(category_code, $category)
),
counted AS (
    SELECT
        category_code,
        count(*) FILTER (is_own) AS dispute_count,
        CASE WHEN $previous_since IS NOT NULL THEN count(*) FILTER (is_previous) END AS previous_count,
        CASE WHEN $last_year_since IS NOT NULL THEN count(*) FILTER (is_last_year) END AS last_year_count,
        count(*) FILTER (is_own AND status = '已化解') AS resolved_count
    FROM scoped
    GROUP BY category_code
)
SELECT
    counted.*,
    category.category_name,
    dispute_count / nullif(sum(dispute_count) OVER (), 0) AS share,
    dispute_count - previous_count AS added,
    previous_count - dispute_count AS removed,
    (dispute_count - previous_count) / nullif(previous_count, 0) AS previous_change,
    (dispute_count - last_year_count) / nullif(last_year_count, 0) AS last_year_change,
    resolved_count / nullif(dispute_count, 0) AS resolved_share
FROM counted
LEFT JOIN category ON category.category_code = counted.category_code
WHERE dispute_count + coalesce(previous_count, 0) > 0
ORDER BY dispute_count DESC, counted.category_code
