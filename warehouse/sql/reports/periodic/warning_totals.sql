-- 预警合计：本期新发的，及截至发布时点仍生效的
-- warning_count: 本期新发
-- red_count: 红色
-- orange_count: 橙色
-- yellow_count: 黄色
-- blue_count: 蓝色
-- open_count: 其中截至发布时点仍生效
-- matter_count: 涉及的纠纷数
SELECT
    count(*) AS warning_count,
    count(*) FILTER (level = '红') AS red_count,
    count(*) FILTER (level = '橙') AS orange_count,
    count(*) FILTER (level = '黄') AS yellow_count,
    count(*) FILTER (level = '蓝') AS blue_count,
    count(*) FILTER (status = 'open') AS open_count,
    count(DISTINCT dispute_id) AS matter_count
FROM warning
WHERE (right($area, 2) = '00' AND length($area) = 6 OR starts_with(area_code, regexp_replace($area, '^(.{9})000$', '\1')))
    AND first_seen_at >= CAST($since AS DATE) AND first_seen_at < CAST($until AS DATE)
