-- 一起纠纷的预警，含已解除的
SELECT warning_id, level, rule_name, first_seen_at, raised_on, times_raised, closed_at, closed_reason, judgement,
    acknowledged_at, evidence, status
FROM alarm
WHERE dispute_id = $id
ORDER BY first_seen_at, level_order, warning_id
