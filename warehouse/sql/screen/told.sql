-- 末日告知本级中心与因上限暂缓的预警数
SELECT
    count(*) FILTER (NOT is_held_back) AS told,
    count(*) FILTER (is_held_back) AS held
FROM chosen_notice($recipient, $category, $risk, $day, $day, NULL)
