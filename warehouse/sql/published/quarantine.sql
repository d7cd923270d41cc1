-- 隔离的行，值已由 warehouse.masking 打码
SELECT *
FROM quarantine_table
