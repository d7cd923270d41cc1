-- 实时点督：过了时限还没有化解的，高风险在前，同级中拖得最久的在前
SELECT
    dispute_id, title, category_name, area_name, answering_tier, risk_level, deadline_at, event_count,
    date_diff('day', CAST(deadline_at AS DATE), CAST($day AS DATE)) AS days_late
FROM chosen_dispute(
    $area, $category, $risk, NULL, $until, 'reported', 'open', NULL, NULL, true, NULL, NULL, NULL
)
ORDER BY list_position(['高', '中', '低'], risk_level), deadline_at NULLS LAST, dispute_id
LIMIT $limit
