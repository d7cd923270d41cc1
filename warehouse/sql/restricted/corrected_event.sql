-- core_event 的每个版本，人工更正已生效：是否纠纷、类别、地点；更正前的值在 core_event 与视图 correction 中
SELECT
    core_event.* REPLACE (
        coalesce(correction.is_dispute, core_event.is_dispute) AS is_dispute,
        CASE
            WHEN correction.is_dispute THEN NULL
            WHEN NOT correction.is_dispute THEN '人工更正'
            ELSE core_event.not_dispute_reason
        END AS not_dispute_reason,
        if(correction.is_dispute IS NULL, core_event.decision_basis, '人工更正') AS decision_basis,
        coalesce(
            correction.category_code,
            core_event.category_code,
            CASE WHEN correction.is_dispute THEN '9900' END
        ) AS category_code,
        if(correction.category_code IS NULL, core_event.category_basis, 'correction') AS category_basis,
        if(correction.area_code IS NULL, core_event.county_code, left(correction.area_code, 6)) AS county_code,
        CASE
            WHEN correction.area_code IS NULL THEN core_event.town_code
            WHEN length(correction.area_code) = 12 THEN left(correction.area_code, 9) || '000'
        END AS town_code,
        CASE
            WHEN correction.area_code IS NULL THEN core_event.village_code
            WHEN length(correction.area_code) = 12 AND right(correction.area_code, 3) <> '000' THEN correction.area_code
        END AS village_code,
        if(correction.area_code IS NULL, core_event.place_basis, 'correction') AS place_basis,
        if(correction.area_code IS NULL, core_event.place_confidence, '高') AS place_confidence,
        if(correction.area_code IS NULL, core_event.place_inferred, NULL) AS place_inferred
    )
FROM core_event
LEFT JOIN current_correction AS correction ON correction.event_id = core_event.event_id
