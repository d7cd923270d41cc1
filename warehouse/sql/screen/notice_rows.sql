-- 选中的告知，一页
SELECT
    notice_date, rank, is_held_back, held_back_reason, told_because, occasion_on, level, rule_name, area_name,
    category_name, evidence, status, warning_id, dispute_id, area_code, category_code, first_seen_at
FROM chosen_notice($area, $category, $risk, $since, $until, $held)
ORDER BY notice_date DESC, rank, warning_id
LIMIT $limit OFFSET $offset
