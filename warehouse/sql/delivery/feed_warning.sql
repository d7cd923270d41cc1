-- 当日告知各中心的预警，每个接收单位一行；要求保密的不显示内容
SELECT
    notice.notice_date,
    notice.recipient_code,
    notice.recipient_name,
    notice.recipient_tier,
    notice.rank,
    warning.warning_id,
    warning.rule,
    warning.rule_name,
    notice.level,
    warning.status,
    warning.first_seen_at,
    warning.dispute_id,
    warning.area_code,
    warning.area_name,
    warning.category_code,
    warning.category_name,
    CASE WHEN coalesce(dispute.is_confidential, false) THEN NULL ELSE warning.evidence END AS evidence
FROM warning_notice AS notice
JOIN warning ON warning.warning_id = notice.warning_id
LEFT JOIN dispute ON dispute.dispute_id = warning.dispute_id
WHERE notice.notice_date = CAST(getvariable('as_of') AS DATE) AND NOT notice.is_held_back
