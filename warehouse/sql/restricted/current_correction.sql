-- 每条记录一行：匹配已采用、未撤回的人工更正，每项以最后一次为准
SELECT
    event_id,
    max(value) FILTER (WHERE field = 'is_dispute') = 'true' AS is_dispute,
    max(value) FILTER (WHERE field = 'category_code') AS category_code,
    max(value) FILTER (WHERE field = 'area_code') AS area_code
FROM (
    SELECT event_id, field, max_by(value, struct_pack(corrected_at, correction_id)) AS value
    FROM core_correction
    SEMI JOIN core_taken_act ON core_taken_act.act_id = core_correction.correction_id
    WHERE value IS NOT NULL
        AND correction_id NOT IN (
            SELECT taken.withdraws
            FROM core_correction AS taken
            SEMI JOIN core_taken_act ON core_taken_act.act_id = taken.correction_id
            WHERE taken.withdraws IS NOT NULL
        )
    GROUP BY event_id, field
)
GROUP BY event_id
