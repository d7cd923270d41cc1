-- 末日发出的预警：告知本级中心的按其名次在前，其余按级别；同一纠纷的几条合成一行，取最急的一条
WITH raised AS (
    SELECT chosen.*, notice.rank, coalesce(notice.is_held_back, false) AS is_held_back
    FROM chosen_warning($area, $category, $risk, $day, $day, NULL, NULL, NULL) AS chosen
    LEFT JOIN notice
        ON notice.warning_id = chosen.warning_id
            AND notice.notice_date = $day
            AND notice.recipient_code = $recipient
),
ranked AS (
    SELECT
        *,
        count(*) OVER matter AS same_count,
        row_number() OVER (matter ORDER BY rank NULLS LAST, level_order, rule, warning_id) AS place
    FROM raised
    WINDOW matter AS (PARTITION BY coalesce(dispute_id, warning_id))
)
SELECT
    warning_id, rule, rule_name, level, dispute_id, area_code, category_code, area_name, category_name, evidence,
    first_seen_at, status, risk_level, rank, is_held_back, same_count
FROM ranked
WHERE place = 1
ORDER BY rank NULLS LAST, level_order, same_count DESC, risk_level = '高' DESC NULLS LAST, rule, warning_id
LIMIT $limit
