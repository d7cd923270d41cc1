-- 合计核对：上级的数 = 下级之和 + 不知道在哪个下级的；另一行数是独立计的，差必须为零
WITH child AS (
    SELECT
        indicator_count.indicator,
        indicator_count.period_start,
        area.parent_code,
        round(sum(indicator_count.numerator), 6) AS numerator,
        round(sum(indicator_count.denominator), 6) AS denominator
    FROM indicator_count
    INNER JOIN area ON area.area_code = indicator_count.area_code
    GROUP BY ALL
),
of_indicator AS (
    SELECT
        own.indicator AS measure,
        own.period_start,
        own.area_code,
        'area' AS split_by,
        unnest([
            struct_pack(part := '分子', total := own.numerator, parts := coalesce(child.numerator, 0),
                unplaced := own.unplaced_numerator),
            struct_pack(part := '分母', total := own.denominator, parts := coalesce(child.denominator, 0),
                unplaced := own.unplaced_denominator)
        ], recursive := true)
    FROM indicator_count AS own
    INNER JOIN area ON area.area_code = own.area_code AND area.area_tier <> '村'
    LEFT JOIN child
        ON child.parent_code = own.area_code
        AND child.indicator = own.indicator
        AND child.period_start = own.period_start
),
month AS (
    SELECT *
    FROM comparison_period
    WHERE period_kind = 'month'
),
of_category AS (
    -- 全部 = 大类之和；大类 = 小类之和
    SELECT
        whole.clock AS measure,
        whole.period_start,
        whole.area_code,
        'category ' || whole.category_code AS split_by,
        '件数' AS part,
        whole.dispute_count AS total,
        sum(coalesce(fine.dispute_count, 0)) AS parts,
        0 AS unplaced
    FROM month AS whole
    LEFT JOIN month AS fine
        ON fine.clock = whole.clock
        AND fine.period_start = whole.period_start
        AND fine.area_code = whole.area_code
        AND CASE WHEN whole.category_code = '00' THEN length(fine.category_code) = 2 AND fine.category_code <> '00'
            ELSE length(fine.category_code) = 4 AND left(fine.category_code, 2) = whole.category_code END
    WHERE length(whole.category_code) = 2
        AND length(whole.area_code) = 6
    GROUP BY ALL
)
SELECT *, round(total - parts - unplaced, 3) AS difference
FROM (SELECT * FROM of_indicator UNION ALL BY NAME SELECT * FROM of_category)
-- 人口不由件数加总
WHERE unplaced IS NOT NULL
