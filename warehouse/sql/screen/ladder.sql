-- 梯次：期内受理的纠纷，化解在哪一级、由哪一级负责、还有多少没有化解；每起纠纷按化解级与负责级各计一次
WITH flow AS (
    SELECT *
    FROM chosen_dispute(
        $area, $category, $risk, $since, $until, 'reported', NULL, NULL, NULL, NULL, NULL, NULL, NULL
    )
),
stock AS (
    SELECT *
    FROM chosen_dispute(
        $area, $category, $risk, NULL, $until, 'reported', 'open', NULL, NULL, NULL, NULL, NULL, NULL
    )
),
tier AS (
    SELECT unnest(['村', '乡', '县', '市', '不明']) AS tier, unnest([1, 2, 3, 4, 5]) AS tier_order
)
SELECT
    tier.tier,
    (SELECT count(*) FROM flow WHERE flow.resolved_tier = tier.tier) AS resolved,
    (SELECT count(*) FROM flow WHERE flow.answering_tier = tier.tier) AS answering,
    (SELECT count(*) FROM stock WHERE stock.answering_tier = tier.tier) AS open,
    (SELECT count(*) FROM stock WHERE stock.answering_tier = tier.tier AND stock.is_overdue) AS overdue,
    (SELECT count(*) FROM stock WHERE stock.answering_tier = tier.tier AND stock.is_tier_overrun) AS overrun
FROM tier
ORDER BY tier.tier_order
