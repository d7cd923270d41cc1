-- 选中的纠纷有多少
SELECT count(*) AS n
FROM chosen_dispute(
    $area, $category, $risk, $since, $until, $clock, $state, $resolved_tier, $answering_tier, $overdue, $overrun,
    $source, $systems
)
