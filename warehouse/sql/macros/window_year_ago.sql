-- 去年同期：日、月、季、年、考核月取去年同日期，周取 52 周前：window_year_ago('周', TIMESTAMP '2025-03-03')
CREATE MACRO window_year_ago(kind, moment) AS
    CASE WHEN kind = '周' THEN moment - INTERVAL 364 DAY ELSE moment - INTERVAL 1 YEAR END
