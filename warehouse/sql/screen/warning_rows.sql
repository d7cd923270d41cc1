-- 选中的预警，一页
SELECT
    warning_id, level, rule_name, area_name, category_name, evidence, first_seen_at, raised_on,
    times_raised, closed_at, closed_reason, judgement, acknowledged_at, status, risk_level, dispute_id,
    area_code, category_code
FROM chosen_warning($area, $category, $risk, $since, $until, $level, $rule, $state)
ORDER BY raised_on DESC, level_order, warning_id
LIMIT $limit OFFSET $offset
