-- 纠纷编号的户口簿
SELECT *
FROM core_ledger
