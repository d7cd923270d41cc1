-- 总量：本期首次反映的纠纷，及其化解、风险、规模
-- dispute_count: 本期首次反映的纠纷数
-- previous_count: 上期纠纷数
-- previous_change: 环比：（本期－上期）÷上期
-- last_year_count: 去年同期纠纷数
-- last_year_change: 同比：（本期－去年同期）÷去年同期
-- daily_mean: 日均纠纷数
-- record_count: 这些纠纷归并的记录数
-- persons: 这些纠纷涉及人数之和
-- resolved_count: 其中已化解
-- resolved_share: 化解率：已化解÷纠纷数
-- failed_count: 其中调处未成（未化解）
-- ongoing_count: 其中处理中
-- resolved_in_period: 按化解时间计，本期化解的纠纷数（含以前受理的）
-- tier_known_count: 已化解且写明在哪一级化解的
-- local_count: 在县级及以下化解的
-- local_share: 县级及以下化解占比
-- high_count: 高风险
-- middle_count: 中风险
-- low_count: 低风险
-- mass_count: 一般及重大群体性的
-- cross_count: 两个以上系统有记录的
-- cross_share: 两个以上系统有记录的占比
-- recurrence_count: 化解后复发的
-- threat_count: 记录中有扬言极端话语的
WITH scoped AS (
    SELECT
        *,
        first_reported_at >= $since AND first_reported_at < $until AS is_own,
        first_reported_at >= $previous_since AND first_reported_at < $previous_until AS is_previous,
        first_reported_at >= $last_year_since AND first_reported_at < $last_year_until AS is_last_year
    FROM dispute
    WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
        AND starts_with(category_code, $category)
),
threatened AS (
    SELECT DISTINCT dispute_event.dispute_id
    FROM dispute_event
    INNER JOIN event ON event.event_id = dispute_event.event_id
    WHERE event.threat_words <> ''
),
counted AS (
    SELECT
        count(*) FILTER (is_own) AS dispute_count,
        CASE WHEN $previous_since IS NOT NULL THEN count(*) FILTER (is_previous) END AS previous_count,
        CASE WHEN $last_year_since IS NOT NULL THEN count(*) FILTER (is_last_year) END AS last_year_count,
        sum(event_count) FILTER (is_own) AS record_count,
        sum(persons_involved) FILTER (is_own) AS persons,
        count(*) FILTER (is_own AND status = '已化解') AS resolved_count,
        count(*) FILTER (is_own AND status = '未化解') AS failed_count,
        count(*) FILTER (is_own AND status = '处理中') AS ongoing_count,
        count(*) FILTER (resolved_at >= $since AND resolved_at < $until) AS resolved_in_period,
        count(*) FILTER (is_own AND status = '已化解' AND resolved_by_tier IS NOT NULL) AS tier_known_count,
        count(*) FILTER (is_own AND status = '已化解' AND resolved_by_tier IN ('县', '乡', '村')) AS local_count,
        count(*) FILTER (is_own AND risk_level = '高') AS high_count,
        count(*) FILTER (is_own AND risk_level = '中') AS middle_count,
        count(*) FILTER (is_own AND risk_level = '低') AS low_count,
        count(*) FILTER (is_own AND scale_code IN ('02', '03')) AS mass_count,
        count(*) FILTER (is_own AND source_count > 1) AS cross_count,
        count(*) FILTER (is_own AND recurrence_of IS NOT NULL) AS recurrence_count,
        count(*) FILTER (is_own AND dispute_id IN (SELECT dispute_id FROM threatened)) AS threat_count
    FROM scoped
)
SELECT
    *,
    dispute_count / date_diff('day', $since, $until) AS daily_mean,
    (dispute_count - previous_count) / nullif(previous_count, 0) AS previous_change,
    (dispute_count - last_year_count) / nullif(last_year_count, 0) AS last_year_change,
    resolved_count / nullif(dispute_count, 0) AS resolved_share,
    local_count / nullif(tier_known_count, 0) AS local_share,
    cross_count / nullif(dispute_count, 0) AS cross_share
FROM counted
