-- 当日各区域：线索、纠纷、人数
-- record_count: 线索条数
-- dispute_count: 所属纠纷数
-- new_count: 其中首次反映的
-- persons: 所属纠纷涉及人数之和
-- high_count: 其中高风险
WITH scoped AS (
    SELECT
        CASE $child WHEN '县' THEN county_code WHEN '乡' THEN town_code ELSE village_code END AS area_code,
        event.event_id,
        dispute_event.dispute_id
    FROM event
    INNER JOIN dispute_event ON dispute_event.event_id = event.event_id
    WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
        AND event.reported_at >= $since AND event.reported_at < $until
),
records AS (
    SELECT area_code, count(*) AS record_count
    FROM scoped
    GROUP BY area_code
),
matters AS (
    SELECT
        matter.area_code,
        count(*) AS dispute_count,
        count(*) FILTER (dispute.first_reported_at >= $since) AS new_count,
        coalesce(sum(dispute.persons_involved), 0) AS persons,
        count(*) FILTER (dispute.risk_level = '高') AS high_count
    FROM (SELECT DISTINCT area_code, dispute_id FROM scoped) AS matter
    INNER JOIN dispute ON dispute.dispute_id = matter.dispute_id
    GROUP BY matter.area_code
)
SELECT records.area_code, area.area_name, record_count, dispute_count, new_count, persons, high_count
FROM records
INNER JOIN matters ON matters.area_code IS NOT DISTINCT FROM records.area_code
LEFT JOIN area ON area.area_code = records.area_code
ORDER BY records.area_code IS NULL, record_count DESC, records.area_code
