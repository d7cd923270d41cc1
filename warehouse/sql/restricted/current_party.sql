-- core_party 中属于各记录现行版本的行
SELECT core_party.*
FROM core_party
SEMI JOIN current_version
    ON core_party.event_id = current_version.event_id
    AND core_party.delivery_date = current_version.delivery_date
    AND core_party.row_number = current_version.row_number
    AND core_party.file IS NOT DISTINCT FROM current_version.file
    AND core_party.sheet IS NOT DISTINCT FROM current_version.sheet
