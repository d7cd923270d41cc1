-- 来源：本期各系统的记录，其中属于矛盾纠纷的
-- record_count: 该系统本期的记录数
-- dispute_record_count: 其中属于矛盾纠纷的
SELECT
    source,
    count(*) AS record_count,
    count(*) FILTER (is_dispute) AS dispute_record_count
FROM event
WHERE (right($area, 2) = '00' AND length($area) = 6 OR $area IN (county_code, town_code, village_code))
    AND reported_at >= $since AND reported_at < $until
GROUP BY source
ORDER BY dispute_record_count DESC, source
