-- 隔离的行，值已由 warehouse.masking 打码
SELECT *, quarantine_id(source, delivery_date, file, sheet, row_number) AS quarantine_id
FROM quarantine_table
