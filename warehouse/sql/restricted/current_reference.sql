-- core_reference 中属于各记录现行版本的行
SELECT core_reference.*
FROM core_reference
SEMI JOIN current_version
    ON core_reference.event_id = current_version.event_id
    AND core_reference.delivery_date = current_version.delivery_date
    AND core_reference.row_number = current_version.row_number
    AND core_reference.file IS NOT DISTINCT FROM current_version.file
    AND core_reference.sheet IS NOT DISTINCT FROM current_version.sheet
