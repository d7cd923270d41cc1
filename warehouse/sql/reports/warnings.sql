-- 最高的五条生效预警：先看级别，再看风险分，再看新近
SELECT
    warning.level AS 级别,
    coalesce(warning.rule_name, warning.rule) AS 规则,
    coalesce(warning.area_name, warning.area_code) AS 区域,
    coalesce(dispute.title, warning.category_name) AS 事由,
    CAST(warning.first_seen_at AS VARCHAR) AS 首次可知,
    warning.evidence AS 依据,
    warning.dispute_id AS 纠纷编号
FROM warning
LEFT JOIN dispute ON dispute.dispute_id = warning.dispute_id
WHERE warning.status = 'open'
ORDER BY
    coalesce(list_position(['红', '橙', '黄', '蓝'], warning.level), 9),
    dispute.risk_score DESC NULLS LAST,
    warning.first_seen_at DESC,
    warning.warning_id
LIMIT 5
