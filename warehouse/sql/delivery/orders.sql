-- 某日告知各中心的预警（没有暂缓的），各占一行；只用发布区的视图。要求保密的不显示任何内容，不在辖区内的不显示纠纷详情
SELECT
    notice.notice_date,
    notice.recipient_code,
    notice.recipient_name,
    notice.recipient_tier,
    notice.rank,
    notice.warning_id,
    notice.rule,
    warning.rule_name,
    notice.level,
    warning.first_seen_at,
    warning.area_code,
    coalesce(warning.area_name, notice.recipient_name) AS area_name,
    coalesce(warning.category_name, dispute.category_name) AS category_name,
    warning.dispute_id,
    CASE
        WHEN dispute.dispute_id IS NULL THEN NULL
        WHEN dispute.is_confidential THEN '（要求保密，内容不列）'
        WHEN NOT own.is_own THEN '（不在本辖区，内容不列）'
        ELSE dispute.title
    END AS title,
    CASE WHEN own.is_own AND NOT coalesce(dispute.is_confidential, false) THEN dispute.place END AS place,
    dispute.status AS dispute_status,
    dispute.risk_level,
    CASE WHEN own.is_own AND NOT coalesce(dispute.is_confidential, false) THEN dispute.risk_reasons END AS risk_reasons,
    dispute.responsible_tier,
    dispute.deadline_at,
    dispute.event_count,
    dispute.sources,
    CASE
        WHEN dispute.is_confidential THEN '要求保密的纠纷，依据请在湖内凭纠纷编号查看'
        WHEN dispute.dispute_id IS NOT NULL AND NOT own.is_own THEN '纠纷不在本辖区，依据请向上级中心查询'
        ELSE warning.evidence
    END AS evidence,
    coalesce(dispute.is_confidential, false) AS is_confidential
FROM warning_notice AS notice
JOIN warning ON warning.warning_id = notice.warning_id
LEFT JOIN dispute ON dispute.dispute_id = warning.dispute_id
CROSS JOIN LATERAL (
    SELECT CASE notice.recipient_tier
        WHEN '市' THEN true
        WHEN '县' THEN coalesce(dispute.county_code, left(warning.area_code, 6)) = notice.recipient_code
        WHEN '乡' THEN
            left(coalesce(dispute.town_code, dispute.county_code, warning.area_code), 9) = left(notice.recipient_code, 9)
        ELSE coalesce(dispute.village_code, dispute.town_code, dispute.county_code, warning.area_code)
            = notice.recipient_code
    END AS is_own
) AS own
WHERE notice.notice_date = $day AND NOT notice.is_held_back
ORDER BY notice.recipient_code, notice.rank, notice.warning_id
