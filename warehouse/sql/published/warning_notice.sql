-- 预警告知，附接收单位名称
SELECT core_warning_notice.*, area.full_name || '综治中心' AS recipient_name
FROM core_warning_notice
LEFT JOIN area ON area.area_code = core_warning_notice.recipient_code
