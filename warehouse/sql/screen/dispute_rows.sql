-- 选中的纠纷，一页
SELECT
    dispute_id, title, category_name, area_name, first_reported_at, last_reported_at, event_count, sources,
    persons_involved, amount, risk_level, answering_tier, deadline_at, is_overdue, tier_due_at,
    is_tier_overrun, status, resolved_at, resolved_tier
FROM chosen_dispute(
    $area, $category, $risk, $since, $until, $clock, $state, $resolved_tier, $answering_tier, $overdue, $overrun,
    $source, $systems
)
ORDER BY first_reported_at DESC, dispute_id
LIMIT $limit OFFSET $offset
