-- 每条记录一行：现行版本（人工更正已生效），另加首次交付日与版本数
SELECT corrected_event.*, current_version.first_delivery_date, current_version.version_count
FROM corrected_event
INNER JOIN current_version
    ON corrected_event.event_id = current_version.event_id
    AND corrected_event.delivery_date = current_version.delivery_date
    AND corrected_event.row_number = current_version.row_number
    AND corrected_event.file IS NOT DISTINCT FROM current_version.file
    AND corrected_event.sheet IS NOT DISTINCT FROM current_version.sheet
