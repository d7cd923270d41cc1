-- 选中的预警有多少
SELECT count(*) AS n
FROM chosen_warning($area, $category, $risk, $since, $until, $level, $rule, $state)
