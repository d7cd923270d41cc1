-- 来源分类：本期纠纷的记录在各系统里归在哪一末级分类下（“其他”与只有代码的不列）
-- dispute_count: 有该分类记录的纠纷数
-- share: 占本期（本类）纠纷的比例
WITH own AS (
    SELECT dispute_id
    FROM dispute
    WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
        AND starts_with(category_code, $category)
        AND first_reported_at >= $since AND first_reported_at < $until
),
named AS (
    SELECT dispute_event.dispute_id, regexp_extract(event.source_category, '[^/]+$') AS reason
    FROM own
    INNER JOIN dispute_event ON dispute_event.dispute_id = own.dispute_id
    INNER JOIN event ON event.event_id = dispute_event.event_id
    WHERE event.source_category LIKE '%/%' AND event.reported_at < $until
)
SELECT
    reason,
    count(DISTINCT dispute_id) AS dispute_count,
    count(DISTINCT dispute_id) / nullif((SELECT count(*) FROM own), 0) AS share
FROM named
WHERE NOT regexp_matches(reason, '其他|其它|^[0-9]*$')
GROUP BY reason
ORDER BY dispute_count DESC, reason
