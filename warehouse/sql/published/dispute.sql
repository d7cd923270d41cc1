-- 每个纠纷一行，附类别与区划名称；没有区划代码的来源，名称取自最早一条写了的记录
WITH named AS (
    SELECT
        dispute_event.dispute_id,
        arg_min(event.county_name, struct_pack(at := event.reported_at, id := event.event_id)) AS county_name,
        arg_min(event.town_name, struct_pack(at := event.reported_at, id := event.event_id)) AS town_name,
        arg_min(event.village_name, struct_pack(at := event.reported_at, id := event.event_id)) AS village_name
    FROM dispute_event
    INNER JOIN event ON event.event_id = dispute_event.event_id
    WHERE event.county_code IS NULL
    GROUP BY dispute_event.dispute_id
)
SELECT
    core_dispute.* EXCLUDE (title, place),
    hide_registered(hide_names(core_dispute.title, person_name.names)) AS title,
    -- 含保密记录的纠纷，地点只到村社区
    CASE WHEN coalesce(core_dispute.is_confidential, false) THEN NULL ELSE safe(core_dispute.place) END AS place,
    category.full_name AS category_name,
    CASE WHEN core_dispute.county_code IS NULL THEN named.county_name ELSE county.area_name END AS county_name,
    CASE WHEN core_dispute.county_code IS NULL THEN named.town_name ELSE town.area_name END AS town_name,
    CASE WHEN core_dispute.county_code IS NULL THEN named.village_name ELSE village.area_name END AS village_name
FROM core_dispute
LEFT JOIN named ON named.dispute_id = core_dispute.dispute_id
LEFT JOIN person_name ON person_name.dispute_id = core_dispute.dispute_id
LEFT JOIN category ON category.category_code = core_dispute.category_code
LEFT JOIN area AS county ON county.area_code = core_dispute.county_code
LEFT JOIN area AS town ON town.area_code = core_dispute.town_code
LEFT JOIN area AS village ON village.area_code = core_dispute.village_code
