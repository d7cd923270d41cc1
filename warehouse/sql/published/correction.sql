-- 匹配已采用的人工更正；read_value 是现行版本未经更正的值
WITH taken AS (
    SELECT core_correction.*
    FROM core_correction
    SEMI JOIN core_taken_act ON core_taken_act.act_id = core_correction.correction_id
),
live AS (
    SELECT
        correction_id,
        row_number() OVER (PARTITION BY event_id, field ORDER BY corrected_at DESC, correction_id DESC) = 1 AS is_standing
    FROM taken
    WHERE value IS NOT NULL
        AND correction_id NOT IN (SELECT withdraws FROM taken WHERE withdraws IS NOT NULL)
),
as_read AS (
    SELECT core_event.*
    FROM core_event
    INNER JOIN current_version
        ON core_event.event_id = current_version.event_id
        AND core_event.delivery_date = current_version.delivery_date
        AND core_event.row_number = current_version.row_number
        AND core_event.file IS NOT DISTINCT FROM current_version.file
        AND core_event.sheet IS NOT DISTINCT FROM current_version.sheet
    WHERE core_event.event_id IN (SELECT event_id FROM taken)
)
SELECT
    taken.* EXCLUDE (reason, reason_published),
    as_read.source,
    as_read.source_record_id,
    CASE taken.field WHEN 'is_dispute' THEN '是否纠纷' WHEN 'category_code' THEN '类别' ELSE '地点' END AS field_name,
    CASE taken.field
        WHEN 'is_dispute' THEN CASE taken.value WHEN 'true' THEN '是纠纷' WHEN 'false' THEN '不是纠纷' END
        WHEN 'category_code' THEN category.full_name
        ELSE area.full_name
    END AS value_name,
    CASE taken.field
        WHEN 'is_dispute' THEN CAST(as_read.is_dispute AS VARCHAR)
        WHEN 'category_code' THEN as_read.category_code
        ELSE coalesce(as_read.village_code, as_read.town_code, as_read.county_code)
    END AS read_value,
    hide_registered(safe(taken.reason_published)) AS reason,
    coalesce(live.is_standing, false) AS is_standing
FROM taken
LEFT JOIN live ON live.correction_id = taken.correction_id
LEFT JOIN as_read ON as_read.event_id = taken.event_id
LEFT JOIN category ON category.category_code = taken.value
LEFT JOIN area ON area.area_code = taken.value
