-- 预警经过
FROM core_warning_step
