-- 现行版本的记录，只带可发布的列
WITH acted AS (
    -- 更新时间有时分的版本中，何时不再是待处理
    SELECT event_id, min(version_at) AS acted_at
    FROM core_event
    WHERE status IN ('办理中', '已办结') AND version_at <> date_trunc('day', version_at)
    GROUP BY event_id
)
SELECT
    current_event.* EXCLUDE (
        title, text, county_name, town_name, village_name, threat_words, channel, request_type, source_category,
        decision_basis, handling_unit, estate, road, group_number, hamlet, satisfaction, difficulty, fulfilment
    ),
    category.full_name AS category_name,
    coalesce(county.area_name, safe(current_event.county_name)) AS county_name,
    coalesce(town.area_name, safe(current_event.town_name)) AS town_name,
    coalesce(village.area_name, safe(current_event.village_name)) AS village_name,
    hide_registered(hide_names(current_event.title_published, person_name.names)) AS title,
    hide_registered(hide_names(current_event.text_published, person_name.names)) AS text,
    array_to_string(current_event.threat_words, '、') AS threat_words,
    CASE
        WHEN current_event.source = 'police'
            AND regexp_matches(concat_ws('|', current_event.first_category, current_event.source_category), '(^|\|)[^/|]*纠纷')
            THEN became_case(current_event.source_category, current_event.outcome_text)
    END AS became_case,
    -- 只有日期的时间不知道时分，不算
    least(
        acted.acted_at,
        CASE WHEN current_event.closed_at <> date_trunc('day', current_event.closed_at) THEN current_event.closed_at END,
        CASE WHEN current_event.outcome_at <> date_trunc('day', current_event.outcome_at) THEN current_event.outcome_at END
    ) AS first_action_at,
    safe(current_event.channel) AS channel,
    safe(current_event.request_type) AS request_type,
    safe(current_event.source_category) AS source_category,
    safe(current_event.decision_basis) AS decision_basis,
    safe(current_event.handling_unit) AS handling_unit,
    safe(current_event.satisfaction) AS satisfaction,
    safe(current_event.difficulty) AS difficulty,
    safe(current_event.fulfilment) AS fulfilment,
    -- 要求保密的记录，地点只到村社区：小区、道路能把人认出来
    CASE WHEN coalesce(current_event.is_confidential, false) THEN NULL ELSE safe(current_event.estate) END AS estate,
    CASE WHEN coalesce(current_event.is_confidential, false) THEN NULL ELSE safe(current_event.road) END AS road,
    CASE WHEN coalesce(current_event.is_confidential, false) THEN NULL ELSE safe(current_event.group_number) END
        AS group_number,
    CASE WHEN coalesce(current_event.is_confidential, false) THEN NULL ELSE safe(current_event.hamlet) END AS hamlet
FROM current_event
LEFT JOIN acted ON acted.event_id = current_event.event_id
LEFT JOIN core_dispute_event ON core_dispute_event.event_id = current_event.event_id
LEFT JOIN person_name ON person_name.dispute_id = core_dispute_event.dispute_id
LEFT JOIN category ON category.category_code = current_event.category_code
LEFT JOIN area AS county ON county.area_code = current_event.county_code
LEFT JOIN area AS town ON town.area_code = current_event.town_code
LEFT JOIN area AS village ON village.area_code = current_event.village_code
