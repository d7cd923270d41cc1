-- 当日：各系统报来的纠纷记录（线索）及其所属纠纷
-- record_count: 线索条数（属于矛盾纠纷的记录）
-- previous_count: 前一日线索条数
-- previous_change: 环比
-- dispute_count: 所属纠纷数
-- new_count: 其中首次反映的
-- persons: 所属纠纷涉及人数之和
-- high_count: 其中高风险
-- repeat_count: 其中以前已反映过的
WITH scoped AS (
    SELECT
        event.event_id,
        dispute_event.dispute_id,
        event.reported_at >= $since AND event.reported_at < $until AS is_own,
        event.reported_at >= $previous_since AND event.reported_at < $previous_until AS is_previous
    FROM event
    INNER JOIN dispute_event ON dispute_event.event_id = event.event_id
    WHERE (
        right($area, 2) = '00' AND length($area) = 6
        OR $area IN (event.county_code, event.town_code, event.village_code)
    )
    AND (
        event.reported_at >= $since AND event.reported_at < $until
        OR event.reported_at >= $previous_since AND event.reported_at < $previous_until
    )
),
records AS (
    SELECT
        count(*) FILTER (is_own) AS record_count,
        CASE WHEN $previous_since IS NOT NULL THEN count(*) FILTER (is_previous) END AS previous_count
    FROM scoped
),
matters AS (
    SELECT
        count(*) AS dispute_count,
        count(*) FILTER (first_reported_at >= $since) AS new_count,
        count(*) FILTER (first_reported_at < $since) AS repeat_count,
        coalesce(sum(persons_involved), 0) AS persons,
        count(*) FILTER (risk_level = '高') AS high_count
    FROM dispute
    WHERE dispute_id IN (SELECT dispute_id FROM scoped WHERE is_own)
)
SELECT *, (record_count - previous_count) / nullif(previous_count, 0) AS previous_change
FROM records
CROSS JOIN matters
