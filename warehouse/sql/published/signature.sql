-- 数据组的签字；所签内容是否仍是现行内容，按收件登记的指纹判断
WITH present AS (
    SELECT DISTINCT source, delivery_date, signature
    FROM raw_file
)
SELECT
    core_signature.source,
    core_signature.delivery_date,
    core_signature.file,
    core_signature.decision,
    CASE core_signature.decision
        WHEN 'accepted' THEN '接收' WHEN 'returned' THEN '退回' WHEN 'rule_change' THEN '改规则'
    END AS decision_name,
    core_signature.signed_by,
    safe(core_signature.note) AS note,
    core_signature.signed_at,
    core_signature.content_signature,
    coalesce(core_signature.content_signature = present.signature, false) AS is_current
FROM core_signature
LEFT JOIN present USING (source, delivery_date)
