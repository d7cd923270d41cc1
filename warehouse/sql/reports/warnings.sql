-- 最高的五条生效预警，同一纠纷或同一区域类别只列最高的一条：先看级别，再看风险分，再看新近
WITH ranked AS (
    SELECT
        warning.*,
        dispute.title,
        dispute.risk_score,
        coalesce(list_position(['红', '橙', '黄', '蓝'], warning.level), 9) AS rank,
        count(*) OVER (PARTITION BY coalesce(warning.dispute_id, warning.raised_for)) AS open_warnings
    FROM warning
    LEFT JOIN dispute ON dispute.dispute_id = warning.dispute_id
    WHERE warning.status = 'open'
    QUALIFY row_number() OVER (
        PARTITION BY coalesce(warning.dispute_id, warning.raised_for)
        ORDER BY rank, warning.first_seen_at DESC, warning.warning_id
    ) = 1
)
SELECT
    level AS 级别,
    coalesce(rule_name, rule) AS 规则,
    coalesce(area_name, area_code) AS 区域,
    coalesce(title, category_name) AS 事由,
    CAST(first_seen_at AS VARCHAR) AS 首次可知,
    evidence AS 依据,
    open_warnings AS 同事由预警数,
    dispute_id AS 纠纷编号
FROM ranked
ORDER BY rank, risk_score DESC NULLS LAST, first_seen_at DESC, warning_id
LIMIT 5
