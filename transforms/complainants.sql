-- 每个纠纷里提出诉求的人，一行一人次：身份键与最早知道的日期。参数：$roles，$history_sources。
WITH first_known AS (
    SELECT
        event_id,
        list_sort(list_distinct(list_concat(
            CASE WHEN id_token IS NOT NULL THEN ['id:' || id_token] ELSE [] END,
            list_transform(coalesce(phone_tokens, []), lambda x: 'phone:' || x),
            CASE WHEN is_full_name AND name IS NOT NULL AND kind = 'person' THEN ['name:' || name] ELSE [] END
        ))) AS keys,
        min(delivery_date) AS delivery_date
    FROM core_party
    WHERE role IN (SELECT unnest($roles::text[]))
    GROUP BY ALL
)
SELECT
    d.dispute_id,
    e.event_id,
    e.source_record_id,
    e.reported_at,
    CASE WHEN e.source IN (SELECT unnest($history_sources::text[])) THEN e.reported_at::date + 1
        ELSE p.delivery_date END AS known_date,
    p.keys
FROM first_known p
JOIN core_dispute_event d USING (event_id)
JOIN current_event e USING (event_id)
WHERE len(p.keys) > 0
