-- 匹配已采用的人工裁定；每对以最后一次未撤回的为准
WITH taken AS (
    SELECT core_verdict.*
    FROM core_verdict
    SEMI JOIN core_taken_act ON core_taken_act.act_id = core_verdict.verdict_id
),
live AS (
    SELECT
        verdict_id,
        event_id_l,
        event_id_r,
        row_number() OVER (PARTITION BY event_id_l, event_id_r ORDER BY decided_at DESC, verdict_id DESC) = 1
            AS is_standing
    FROM taken
    WHERE verdict IS NOT NULL
        AND verdict_id NOT IN (SELECT withdraws FROM taken WHERE withdraws IS NOT NULL)
)
SELECT
    taken.* EXCLUDE (reason, reason_published),
    CASE taken.kind WHEN 'pair' THEN '一对记录' WHEN 'split' THEN '拆分' WHEN 'merge' THEN '合并' ELSE '撤回' END AS kind_name,
    CASE taken.verdict WHEN 'same' THEN '同一' WHEN 'different' THEN '不同' WHEN 'unsure' THEN '不确定' END AS verdict_name,
    hide_registered(safe(taken.reason_published)) AS reason,
    coalesce(live.is_standing, false) AS is_standing,
    l.dispute_id AS dispute_id_l,
    r.dispute_id AS dispute_id_r
FROM taken
LEFT JOIN live
    ON live.verdict_id = taken.verdict_id
    AND live.event_id_l = taken.event_id_l
    AND live.event_id_r = taken.event_id_r
LEFT JOIN core_dispute_event AS l ON l.event_id = taken.event_id_l
LEFT JOIN core_dispute_event AS r ON r.event_id = taken.event_id_r
