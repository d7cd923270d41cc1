-- 发布过的隔离记录后来怎样；编号与说明在记入时已打码
SELECT *, quarantine_id(source, delivery_date, file, sheet, row_number) AS quarantine_id
FROM core_quarantine_history
