-- 任一时间窗受理的纠纷数：上期、去年同期用它
SELECT count(*) AS n
FROM chosen_dispute(
    $area, $category, $risk, $since, $until, 'reported', NULL, NULL, NULL, NULL, NULL, NULL, NULL
)
