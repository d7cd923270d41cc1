-- 当日类别：所属纠纷按大类
-- dispute_count: 所属纠纷数
SELECT
    left(dispute.category_code, 2) AS category_code,
    any_value(category.category_name) AS category_name,
    count(DISTINCT dispute.dispute_id) AS dispute_count
FROM event
INNER JOIN dispute_event ON dispute_event.event_id = event.event_id
INNER JOIN dispute ON dispute.dispute_id = dispute_event.dispute_id
LEFT JOIN category ON category.category_code = left(dispute.category_code, 2)
WHERE (
    right($area, 2) = '00' AND length($area) = 6
    OR $area IN (event.county_code, event.town_code, event.village_code)
)
AND event.reported_at >= $since AND event.reported_at < $until
GROUP BY 1
ORDER BY dispute_count DESC, 1
