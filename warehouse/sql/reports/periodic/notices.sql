-- 告知：本期告知各级中心的预警，及因每日上限暂缓的
-- told_count: 告知条次（一条预警告知几个中心计几次）
-- held_count: 因当日上限暂缓的条次
-- recipient_count: 接到告知的中心数
SELECT
    count(*) FILTER (NOT is_held_back) AS told_count,
    count(*) FILTER (is_held_back) AS held_count,
    count(DISTINCT recipient_code) FILTER (NOT is_held_back) AS recipient_count
FROM warning_notice
WHERE (
    right($area, 2) = '00' AND length($area) = 6
    OR starts_with(recipient_code, regexp_replace($area, '^(.{9})000$', '\1'))
)
AND notice_date >= CAST($since AS DATE) AND notice_date < CAST($until AS DATE)
