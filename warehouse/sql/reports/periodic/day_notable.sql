-- 重点线索：当日记录中，所属纠纷为高风险、或当日发出红色橙色预警的；每件纠纷列最近一条记录
-- persons_involved: 所属纠纷涉及人数
-- event_count: 所属纠纷至今的记录数
-- source_count: 有该纠纷记录的系统数
WITH own AS (
    SELECT event.*, dispute_event.dispute_id
    FROM event
    INNER JOIN dispute_event ON dispute_event.event_id = event.event_id
    WHERE (
        right($area, 2) = '00' AND length($area) = 6
        OR $area IN (event.county_code, event.town_code, event.village_code)
    )
    AND event.reported_at >= $since AND event.reported_at < $until
),
alarmed AS (
    SELECT dispute_id, string_agg(DISTINCT coalesce(rule_name, rule), '、' ORDER BY coalesce(rule_name, rule)) AS rules
    FROM warning
    WHERE level IN ('红', '橙')
        AND first_seen_at >= CAST($since AS DATE) AND first_seen_at <= CAST($until AS DATE) + 1
    GROUP BY dispute_id
)
SELECT
    own.source_record_id,
    own.source,
    own.reported_at,
    own.text,
    own.title AS record_title,
    own.status AS record_status,
    own.outcome,
    own.handling_unit,
    own.threat_words,
    dispute.dispute_id,
    coalesce(dispute.category_name, '类别不明') AS category_name,
    concat_ws('', dispute.county_name, dispute.town_name) AS place,
    dispute.status,
    dispute.risk_level,
    dispute.risk_reasons,
    dispute.responsible_tier,
    dispute.persons_involved,
    dispute.event_count,
    dispute.source_count,
    dispute.is_overdue,
    dispute.scale_code,
    alarmed.rules
FROM own
INNER JOIN dispute ON dispute.dispute_id = own.dispute_id
LEFT JOIN alarmed ON alarmed.dispute_id = own.dispute_id
WHERE dispute.risk_level = '高' OR alarmed.dispute_id IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY own.dispute_id ORDER BY own.reported_at DESC, own.event_id) = 1
ORDER BY dispute.risk_score DESC, dispute.dispute_id
