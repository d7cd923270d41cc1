-- 每条记录一行：core_event 的现行版本，另加首次交付日与版本数
SELECT core_event.*, current_version.first_delivery_date, current_version.version_count
FROM core_event
INNER JOIN current_version
    ON core_event.event_id = current_version.event_id
    AND core_event.delivery_date = current_version.delivery_date
    AND core_event.row_number = current_version.row_number
    AND core_event.file IS NOT DISTINCT FROM current_version.file
    AND core_event.sheet IS NOT DISTINCT FROM current_version.sheet
