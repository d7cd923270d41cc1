-- 每个纠纷一行，附类别与区划名称
SELECT
    core_dispute.* EXCLUDE (title, place),
    hide_names(core_dispute.title, person_name.names) AS title,
    -- 含保密记录的纠纷，地点只到村社区
    CASE WHEN coalesce(core_dispute.is_confidential, false) THEN NULL ELSE safe(core_dispute.place) END AS place,
    category.full_name AS category_name,
    county.area_name AS county_name,
    town.area_name AS town_name,
    village.area_name AS village_name
FROM core_dispute
LEFT JOIN person_name ON person_name.dispute_id = core_dispute.dispute_id
LEFT JOIN category ON category.category_code = core_dispute.category_code
LEFT JOIN area AS county ON county.area_code = core_dispute.county_code
LEFT JOIN area AS town ON town.area_code = core_dispute.town_code
LEFT JOIN area AS village ON village.area_code = core_dispute.village_code
