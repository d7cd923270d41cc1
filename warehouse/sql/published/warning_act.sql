-- 运行已采用的签收与判定；每条预警每一种以最后一次未撤回的为准
WITH taken AS (
    SELECT core_warning_act.*, core_taken_act.taken_as_of
    FROM core_warning_act
    JOIN core_taken_act USING (act_id)
),
live AS (
    SELECT act_id, row_number() OVER (PARTITION BY warning_id, kind ORDER BY acted_at DESC, act_id DESC) = 1 AS is_standing
    FROM taken
    WHERE kind <> 'withdrawal'
        AND act_id NOT IN (SELECT withdraws FROM taken WHERE withdraws IS NOT NULL)
)
SELECT
    taken.* EXCLUDE (note, note_published),
    CASE taken.kind WHEN 'acknowledge' THEN '签收' WHEN 'judge' THEN '判定' ELSE '撤回' END AS kind_name,
    hide_registered(safe(taken.note_published)) AS note,
    coalesce(live.is_standing, false) AS is_standing
FROM taken
LEFT JOIN live USING (act_id)
