-- 记录涉及的人与单位，只有打码姓名；要求保密的记录整条不列
SELECT DISTINCT
    current_party.event_id,
    current_party.source,
    current_party.role,
    current_party.kind,
    -- 被误认成单位的一段文字里可能有人名
    safe(hide_registered(hide_names(current_party.name_masked, person_name.names))) AS name_masked,
    current_party.gender,
    event.reported_at
FROM current_party
INNER JOIN event ON event.event_id = current_party.event_id
LEFT JOIN core_dispute_event ON core_dispute_event.event_id = current_party.event_id
LEFT JOIN person_name ON person_name.dispute_id = core_dispute_event.dispute_id
WHERE NOT coalesce(event.is_confidential, false)
    AND current_party.name_masked IS NOT NULL
