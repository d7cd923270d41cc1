-- 手段：本期纠纷的记录写到的行为；一件可计入几种
-- dispute_count: 记录写到该行为的纠纷数
-- share: 占本期（本类）纠纷的比例
WITH own AS (
    SELECT dispute_id
    FROM dispute
    WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
        AND starts_with(category_code, $category)
        AND first_reported_at >= $since AND first_reported_at < $until
),
written AS (
    SELECT own.dispute_id, concat_ws('。', event.title, event.text) AS text, event.threat_words
    FROM own
    INNER JOIN dispute_event ON dispute_event.dispute_id = own.dispute_id
    INNER JOIN event ON event.event_id = dispute_event.event_id
    WHERE event.reported_at < $until
),
looked_for AS (
    SELECT unnest($means) AS means, unnest($patterns) AS pattern
),
found AS (
    SELECT looked_for.means, written.dispute_id
    FROM written
    INNER JOIN looked_for ON regexp_matches(written.text, looked_for.pattern)
    UNION ALL
    SELECT '扬言极端', dispute_id
    FROM written
    WHERE threat_words <> ''
)
SELECT
    means,
    count(DISTINCT dispute_id) AS dispute_count,
    count(DISTINCT dispute_id) / nullif((SELECT count(*) FROM own), 0) AS share
FROM found
GROUP BY means
ORDER BY dispute_count DESC, means
