-- 来源：期内受理的纠纷，各系统知道多少、其中只有它知道的多少；一起纠纷可有几个来源，各来源之和不等于纠纷数
SELECT
    source,
    count(*) AS known,
    count(*) FILTER (source_count = 1) AS alone
FROM (
    SELECT unnest(source_list) AS source, source_count
    FROM chosen_dispute(
        $area, $category, $risk, $since, $until, 'reported', NULL, NULL, NULL, NULL, NULL, NULL, NULL
    )
)
GROUP BY source
ORDER BY known DESC, source
