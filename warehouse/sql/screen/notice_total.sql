-- 选中的告知有多少
SELECT count(*) AS n
FROM chosen_notice($area, $category, $risk, $since, $until, $held)
