-- 预警的窄表，放在内存；区域键与纠纷的相同，乡镇代码 9 位与 12 位都认
CREATE TABLE alarm AS
WITH placed AS (
    SELECT
        warning.*,
        CASE WHEN right(area_code, 2) <> '00' OR length(area_code) > 6 THEN left(area_code, 6) END AS county,
        CASE WHEN length(area_code) >= 9 THEN left(area_code, 9) || '000' END AS town,
        CASE WHEN length(area_code) = 12 AND right(area_code, 3) <> '000' THEN area_code END AS village
    FROM lake.warning
)
SELECT
    placed.warning_id,
    placed.rule,
    placed.rule_name,
    placed.level,
    list_position(['红', '橙', '黄', '蓝'], placed.level) AS level_order,
    placed.dispute_id,
    coalesce(left(placed.category_code, 2), '99') AS class_key,
    coalesce(placed.category_code, '9900') AS category_key,
    coalesce(county, $city || '-') AS county_key,
    coalesce(town, coalesce(county, $city) || '-') AS town_key,
    coalesce(village, coalesce(town, county, $city) || '-') AS village_key,
    CASE WHEN length(placed.area_code) = 9 THEN town ELSE placed.area_code END AS area_code,
    nullif(placed.category_code, '00') AS category_code,
    placed.area_name,
    placed.category_name,
    placed.raised_for,
    placed.first_seen_at,
    coalesce(placed.last_raised_at, placed.first_seen_at) AS raised_on,
    placed.times_raised,
    placed.last_seen_at,
    placed.closed_at,
    placed.closed_reason,
    placed.judgement,
    placed.acknowledged_at,
    placed.evidence,
    placed.status,
    board.risk_level
FROM placed
LEFT JOIN board ON board.dispute_id = placed.dispute_id
ORDER BY raised_on
