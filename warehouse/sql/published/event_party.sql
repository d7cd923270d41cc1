-- 记录涉及的人与单位，只有打码姓名；要求保密的记录整条不列
SELECT DISTINCT
    current_party.event_id,
    current_party.source,
    current_party.role,
    current_party.kind,
    safe(current_party.name_masked) AS name_masked,
    current_party.gender,
    event.reported_at
FROM current_party
INNER JOIN event ON event.event_id = current_party.event_id
WHERE NOT coalesce(event.is_confidential, false)
