-- 类别：没有选类别时为各大类，选了大类则为其小类；期内、上期、化解、在办
WITH flow AS (
    SELECT
        CASE WHEN $category IS NULL THEN class_key ELSE category_key END AS category_code,
        count(*) AS reported,
        count(*) FILTER (status = '已化解') AS resolved
    FROM chosen_dispute(
        $area, $category, $risk, $since, $until, 'reported', NULL, NULL, NULL, NULL, NULL, NULL, NULL
    )
    GROUP BY 1
),
former AS (
    SELECT
        CASE WHEN $category IS NULL THEN class_key ELSE category_key END AS category_code,
        count(*) AS reported
    FROM chosen_dispute(
        $area, $category, $risk, $former_since, $former_until, 'reported', NULL, NULL, NULL, NULL, NULL, NULL, NULL
    )
    GROUP BY 1
),
stock AS (
    SELECT
        CASE WHEN $category IS NULL THEN class_key ELSE category_key END AS category_code,
        count(*) AS open
    FROM chosen_dispute(
        $area, $category, $risk, NULL, $until, 'reported', 'open', NULL, NULL, NULL, NULL, NULL, NULL
    )
    GROUP BY 1
)
SELECT
    category_code,
    CASE WHEN category_code = '9900' THEN '未定类别' ELSE coalesce(category.category_name, category_code) END
        AS category_name,
    coalesce(flow.reported, 0) AS reported,
    coalesce(flow.resolved, 0) AS resolved,
    coalesce(former.reported, 0) AS former,
    coalesce(stock.open, 0) AS open
FROM flow
FULL JOIN former USING (category_code)
FULL JOIN stock USING (category_code)
LEFT JOIN lake.category AS category USING (category_code)
ORDER BY reported DESC, open DESC, category_code
